import type { JsonObject } from '../../src/domain/json.ts'

/** A record that notes which of its fields are read, as paths such as `participant.dob` and `event_categories[].name`. */
export function tracing(record: JsonObject, reads: Set<string>, prefix = ''): JsonObject {
  return new Proxy(record, {
    get: (target, key) =>
      typeof key === 'string' ? look(target, key, reads, prefix) : Reflect.get(target, key),
    has: (target, key) => {
      if (typeof key === 'string') reads.add(`${prefix}${key}`)
      return Reflect.has(target, key)
    },
  })
}

function look(target: JsonObject, key: string, reads: Set<string>, prefix: string): unknown {
  const value = target[key]
  if (!Object.hasOwn(Object.prototype, key)) reads.add(`${prefix}${key}`)
  if (Array.isArray(value))
    return value.map((one) =>
      typeof one === 'object' && one !== null ? tracing(one as JsonObject, reads, `${prefix}${key}[].`) : one,
    )
  return typeof value === 'object' && value !== null ? tracing(value, reads, `${prefix}${key}.`) : value
}
