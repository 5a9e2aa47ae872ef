import { describe, expect, it } from 'vitest'
import { canonicalJson, fingerprint } from '../../src/domain/fingerprint.ts'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import fc from '../helpers/fast-check.ts'

describe('canonicalJson', () => {
  it('sorts keys at every level, keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, { d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[2,{"c":null,"d":1}]}')
  })

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(JSON.parse(canonicalJson(json as Json))).toEqual(JSON.parse(JSON.stringify(json)))
      }),
    )
  })

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse())
        expect(canonicalJson(reversed as JsonObject)).toBe(canonicalJson(record as JsonObject))
      }),
    )
  })
})

describe('fingerprint', () => {
  it('is 32 bytes, another one for another value or form version (F5)', () => {
    const one = fingerprint({ a: 1 }, 1)
    expect(one).toHaveLength(32)
    expect(Buffer.isBuffer(one)).toBe(true)
    expect(fingerprint({ a: 1 }, 1).equals(one)).toBe(true)
    expect(fingerprint({ a: 1 }, 2).equals(one)).toBe(false)
    expect(fingerprint({ a: '1' }, 1).equals(one)).toBe(false)
  })
})
