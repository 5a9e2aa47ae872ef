import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/domain/json.ts'
import {
  type Drift,
  type KnownShape,
  LEARNING,
  observe,
  UNKNOWN,
  VANISHED_AFTER,
} from '../../../src/sync/shapes/drift.ts'
import { shapeOf } from '../../../src/sync/shapes/shape.ts'
import fc from '../../helpers/fast-check.ts'

const paths = (record: JsonObject) =>
  Object.fromEntries([...shapeOf(record)].map(([path, types]) => [path, [...types].join(' ')]))

describe('the shape of a record', () => {
  it('is its paths and types, into objects and arrays', () => {
    const record = {
      id: 7,
      person: { email: null },
      tags: ['a'],
      categories: [{ bib: '1' }, { bib: 2, wave: 'A' }],
    }
    expect(paths(record)).toEqual({
      ...{ id: 'number', person: 'object', 'person.email': 'null', tags: 'array', categories: 'array' },
      ...{ 'categories[].bib': 'string number', 'categories[].wave': 'string' },
    })
  })

  it('has data that stands in keys as *', () => {
    expect(paths({ answers: { 'ida@example.com': 'yes', '4711': 'no' } })).toEqual({
      answers: 'object',
      'answers.*': 'string',
    })
  })

  it('has no value of the record in it, whatever the record is, and an end', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 6, withNullPrototype: false }), fc.uuid(), (record, secret) => {
        const shape = shapeOf(JSON.parse(JSON.stringify({ ...record, secret, [secret]: { secret } })))
        expect(JSON.stringify([...shape].map(([path, types]) => [path, [...types]]))).not.toContain(secret)
        expect(shape.size).toBeLessThanOrEqual(200)
      }),
    )
  })
})

/** Takes in records one after another. */
function taught(
  records: readonly JsonObject[],
  from: KnownShape = UNKNOWN,
): { known: KnownShape; news: Drift[] } {
  return records.reduce<{ known: KnownShape; news: Drift[] }>(
    ({ known, news }, record) => {
      const seen = observe(known, shapeOf(record))
      return { known: seen.known, news: [...news, ...seen.news] }
    },
    { known: from, news: [] },
  )
}
const times = (n: number, record: JsonObject) => Array.from({ length: n }, () => record)
const USUAL = { id: 'a', age: 3, person: { name: 'b' } }

describe('a change of structure', () => {
  const { known, news } = taught(times(LEARNING, USUAL))

  it('is taken in whatever the fields are called, keys that every object has included', () => {
    const record = JSON.parse(
      '{"constructor": {"name": 1}, "__proto__": {"x": 1}, "toString": 2, "valueOf": null}',
    )
    const { known, news } = taught(Array.from({ length: LEARNING + 1 }, () => record))
    expect(Object.keys(known.paths)).toEqual(['*', '*.name', '*.x'])
    expect(observe(known, shapeOf(record))).toEqual({ known, news })
  })

  it('is none while the first records are learnt, nor when nothing changes', () => {
    expect(news).toEqual([])
    expect(taught([{ id: 'a' }, { id: 1, x: true }, ...times(10, USUAL)]).news).toEqual([])
    expect(observe(known, shapeOf(USUAL)).known).toBe(known)
  })

  it('is noted once when a field appears or has another type; an empty one has none', () => {
    const odd = { ...USUAL, age: '3', bib: '7', person: { name: null } }
    const seen = taught([odd, odd], known)
    expect(seen.news).toEqual([
      { drift: 'retyped', path: 'age', was: ['number'], now: ['string'] },
      { drift: 'appeared', path: 'bib', was: [], now: ['string'] },
    ])
    expect(taught([odd, USUAL, odd], seen.known).news).toEqual([])
  })

  it('is noted when a field that all had is missing from many in a row, not from a few', () => {
    const { age: _, ...without } = USUAL
    const almost = taught(times(VANISHED_AFTER - 1, without), known)
    expect(almost.news).toEqual([])
    expect(taught([without], almost.known).news).toEqual([
      { drift: 'vanished', path: 'age', was: ['number'], now: [] },
    ])
    // One that comes and goes is a field that not everybody has.
    const loose = taught([USUAL, ...times(2 * VANISHED_AFTER, without)], almost.known)
    expect(loose.news).toEqual([])
  })

  it('is none where that in which the field stands is missing itself, but for that', () => {
    const bare = { id: 'a', age: 3 }
    expect(taught(times(VANISHED_AFTER, bare), known).news.map(({ path }) => path)).toEqual(['person'])
  })
})
