import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/domain/json.ts'
import { clean, cut, jsonbSafe } from '../../src/domain/text.ts'
import fc from '../helpers/fast-check.ts'

/** Any JSON, with the texts that PostgreSQL refuses. */
const nasty = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', '\0', '\ud83c', '\udfff', ' ') })
const anyJson = fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<Json>
const nastyJson = fc.oneof(
  anyJson,
  fc.dictionary(nasty, fc.oneof(nasty, fc.array(nasty), anyJson)),
) as fc.Arbitrary<Json>

describe('jsonbSafe', () => {
  it('replaces NUL and lone surrogates, in keys too', () => {
    expect(jsonbSafe({ 'k\0': ['a\0b', '\ud83c', { x: '\udfffy' }] })).toEqual({
      'k\uFFFD': ['a\uFFFDb', '\uFFFD', { x: '\uFFFDy' }],
    })
  })

  it('keeps whole pairs, and the very value when nothing is wrong', () => {
    const fine = { name: '😀', list: [1, null, true, { a: 'b' }] }
    expect(jsonbSafe(fine)).toBe(fine)
  })

  it('keeps a key __proto__', () => {
    const json = jsonbSafe(JSON.parse('{"__proto__": "a\\u0000"}') as Json)
    expect(JSON.stringify(json)).toBe('{"__proto__":"a\uFFFD"}')
  })

  it('leaves nothing that PostgreSQL refuses, and is stable', () => {
    fc.assert(
      fc.property(nastyJson, (json) => {
        const safe = jsonbSafe(json)
        // JSON.stringify escapes exactly the two.
        expect(JSON.stringify(safe)).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i)
        expect(jsonbSafe(safe)).toBe(safe)
      }),
    )
  })

  it('survives hostile depth', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as Json
    expect(JSON.stringify(jsonbSafe(deep)).length).toBeLessThan(2000)
  })
})

describe('clean', () => {
  it.each([
    ['  a \n\t b ', 'a b'],
    ['a\u00a0b\u200b', 'a b'],
    ['', null],
    [' \u00a0\u200b', null],
    [null, null],
    [undefined, null],
  ])('%j', (text, expected) => {
    expect(clean(text)).toBe(expected)
  })
})

describe('cut', () => {
  it('cuts by code points', () => {
    expect(cut('😀😀😀', 2)).toBe('😀😀')
    expect(cut('abc', 5)).toBe('abc')
    expect(cut('abc', 0)).toBe('')
  })

  it('never cuts a pair in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, n) => {
        const short = cut(text, n)
        expect(text.startsWith(short)).toBe(true)
        expect([...short].length).toBe(Math.min(n, [...text].length))
        expect(short.isWellFormed()).toBe(true)
      }),
    )
  })
})
