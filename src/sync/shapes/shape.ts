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
const NAME = /^[A-Za-z_][A-Za-z_-]{0,47}$/

/**
 * A key that is no name, such as an id or an address, is data: it stands as `*`. So does one that every object has, like
 * `constructor`: paths are keys of an object, where it would be found without having been seen.
 */
const isName = (key: string): boolean => NAME.test(key) && !(key in Object.prototype)

/** How deep, how wide, and how far into an array a structure is looked at. */
export interface ShapeLimits {
  deepest: number
  mostPaths: number
  mostElements: number
}

const OF_A_RECORD: ShapeLimits = {
  deepest: DEEPEST,
  mostPaths: MOST_PATHS,
  mostElements: MOST_ELEMENTS,
}

/** The shape of one record, at most four levels deep and 200 paths wide. */
export function shapeOf(record: JsonObject): Shape {
  const shape = new Map<string, Set<JsonType>>()
  visitShape(record, OF_A_RECORD, (path, value) => {
    shape.set(path, (shape.get(path) ?? new Set()).add(typeOf(value)))
  })
  return shape
}

/** Goes through a record, telling of each value and where it stands, within the limits. */
export function visitShape(
  record: JsonObject,
  limits: ShapeLimits,
  tell: (path: string, value: Json) => void,
): void {
  const paths = new Set<string>()
  const walk = (part: JsonObject, prefix: string, depth: number): void => {
    for (const [key, value] of Object.entries(part)) {
      const path = `${prefix}${isName(key) ? key : '*'}`
      if (!paths.has(path) && paths.size >= limits.mostPaths) return
      paths.add(path)
      tell(path, value ?? null)
      if (depth >= limits.deepest) continue
      const isList = Array.isArray(value)
      const inside = isList ? value.slice(0, limits.mostElements) : [value]
      for (const one of inside)
        if (typeof one === 'object' && one !== null && !Array.isArray(one))
          walk(one, `${path}${isList ? '[].' : '.'}`, depth + 1)
    }
  }
  walk(record, '', 0)
}

/** The type of a value, as JSON names it. */
export function typeOf(value: Json): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as 'boolean' | 'number' | 'string' | 'object'
}
