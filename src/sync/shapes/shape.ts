import type { Json, JsonObject } from '../../domain/json.ts'

/** The structure of a provider's record: paths and types, never a value. Pure. */

/** The type of a JSON value, as JSON names it. */
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** Path to types: `person.email`, and for what is in an array `categories[].name`. */
export type Shape = ReadonlyMap<string, ReadonlySet<JsonType>>

const DEEPEST = 4
const MOST_PATHS = 200
/** Elements of an array that are looked at: the others are alike, or the next record tells. */
const MOST_ELEMENTS = 3
/** A key that is no name, such as an id or an address, is data: it stands as `*`. */
const NAME = /^[A-Za-z_][A-Za-z_-]{0,47}$/

/** The shape of one record, at most four levels deep and 200 paths wide. */
export function shapeOf(record: JsonObject): Shape {
  const shape = new Map<string, Set<JsonType>>()
  walk(record, '', 0, shape)
  return shape
}

function walk(record: JsonObject, prefix: string, depth: number, shape: Map<string, Set<JsonType>>): void {
  for (const [key, value] of Object.entries(record)) {
    const path = `${prefix}${NAME.test(key) ? key : '*'}`
    if (!shape.has(path) && shape.size >= MOST_PATHS) return
    note(value, path, depth, shape)
  }
}

function note(value: Json | undefined, path: string, depth: number, shape: Map<string, Set<JsonType>>): void {
  shape.set(path, (shape.get(path) ?? new Set()).add(typeOf(value ?? null)))
  if (depth >= DEEPEST) return
  const parts = Array.isArray(value) ? value.slice(0, MOST_ELEMENTS) : [value]
  const prefix = Array.isArray(value) ? `${path}[].` : `${path}.`
  for (const part of parts)
    if (typeof part === 'object' && part !== null && !Array.isArray(part))
      walk(part, prefix, depth + 1, shape)
}

function typeOf(value: Json): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as 'boolean' | 'number' | 'string' | 'object'
}
