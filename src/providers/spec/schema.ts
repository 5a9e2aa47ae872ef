import type { Json, JsonObject } from '../../domain/json.ts'
import { resolved, type Spec } from './document.ts'

/** Schemas of a specification, and whether they have a field. */

const DEEPEST = 6

/** The schemas that a value may have: those of `allOf`, `anyOf` and `oneOf` as well. */
function alternatives(spec: Spec, value: Json | undefined, depth = 0): JsonObject[] {
  const schema = resolved(spec, value)
  if (schema === null || depth > DEEPEST) return []
  const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) =>
    Array.isArray(list) ? list.flatMap((part) => alternatives(spec, part, depth + 1)) : [],
  )
  return [schema, ...parts]
}

function property(spec: Spec, schemas: readonly JsonObject[], name: string): JsonObject[] {
  return schemas.flatMap((schema) => {
    const properties = resolved(spec, schema.properties)
    return properties !== null && Object.hasOwn(properties, name) ? alternatives(spec, properties[name]) : []
  })
}

const elements = (spec: Spec, schemas: readonly JsonObject[]): JsonObject[] =>
  schemas.flatMap((schema) => (schema.items === undefined ? [] : alternatives(spec, schema.items)))

/** Whether records of these schemas have a field such as `participant.dob` or `event_categories[].name`. */
export function hasField(spec: Spec, schemas: readonly JsonObject[], path: string): boolean {
  let at = schemas
  for (const part of path.split('.')) {
    const name = part.replace(/\[\]$/, '')
    at = property(spec, at, name)
    if (at.length === 0) return false
    if (part.endsWith('[]')) at = elements(spec, at)
  }
  return true
}

/**
 * The records of an answer: the elements of its lists, however deep they stand, and the answer itself where it is no
 * list. Which of them is meant is told by the fields that it has.
 */
export function recordsOf(spec: Spec, schema: Json | undefined): JsonObject[][] {
  const found: JsonObject[][] = []
  const look = (schemas: readonly JsonObject[], depth: number): void => {
    if (schemas.length === 0 || depth > DEEPEST) return
    found.push([...schemas])
    const inside = elements(spec, schemas)
    if (inside.length > 0) look(inside, depth + 1)
    const names = new Set(schemas.flatMap((one) => Object.keys(resolved(spec, one.properties) ?? {})))
    for (const name of names) look(property(spec, schemas, name), depth + 1)
  }
  look(alternatives(spec, schema), 0)
  return found
}
