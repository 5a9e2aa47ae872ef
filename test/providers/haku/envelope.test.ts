import { describe, expect, it } from 'vitest'
import { StartlistError } from '../../../src/domain/errors.ts'
import type { Json } from '../../../src/domain/json.ts'
import { readList } from '../../../src/providers/haku/envelope.ts'
import fc from '../../helpers/fast-check.ts'
import { hakuJson } from './arbitraries.ts'

const rows = [{ registration_number: 'R1' }]

describe('readList', () => {
  it.each<[Json, number | null]>([
    [rows, null],
    [{ participants: rows }, null],
    [{ registrations: rows, total: 7 }, 7],
    [{ data: rows, meta: { total: 7 } }, 7],
    [{ events: rows, pagination: { total: 7 } }, 7],
    [{ results: rows, total_count: 7 }, 7],
    [{ items: rows, errors: [] }, null],
    [{ data: { participants: rows }, total: 7 }, 7],
    [{ participants: rows, events: [] }, null],
    [{ participants: rows, total: '7' }, null],
    [{ participants: rows, total: 1.5 }, null],
    [{ participants: rows, meta: { total: -1 }, total: 3 }, 3],
    [{ participants: rows, meta: null }, null],
  ])('%j', (body, total) => {
    expect(readList(body, 'participants')).toEqual({ records: rows, total })
  })

  it('prefers the keys of what was asked for', () => {
    const body = { participants: [], events: rows }
    expect(readList(body, 'events').records).toBe(rows)
    expect(readList({ participants: [], data: rows }, 'events').records).toBe(rows)
  })

  it('takes an empty list, and a null one that is counted empty', () => {
    expect(readList([], 'events')).toEqual({ records: [], total: null })
    expect(readList({ events: [] }, 'events')).toEqual({ records: [], total: null })
    expect(readList({ events: null, total: 0 }, 'events')).toEqual({ records: [], total: 0 })
  })

  it.each<[Json]>([
    [null],
    ['Internal error'],
    [5],
    [{}],
    [{ message: 'Unauthorized' }],
    [{ errors: [{ message: 'no' }] }],
    [{ participants: null }],
    [{ a: rows, b: rows }],
  ])('never takes %j for a list (defect 7)', (body) => {
    expect(() => readList(body, 'participants')).toThrow(expect.objectContaining({ code: 'BAD_SHAPE' }))
  })

  it('throws nothing else, and no value of the answer', () => {
    fc.assert(
      fc.property(hakuJson, (body) => {
        try {
          expect(Array.isArray(readList(body, 'participants').records)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(StartlistError)
          expect((error as StartlistError).message).toMatch(/^The answer is [a-z0-9 ]+\.$/)
        }
      }),
    )
  })
})
