import { describe, expect, it } from 'vitest'
import type { ListRow } from '../../src/providers/provider.ts'
import {
  belowHead,
  headOf,
  isHead,
  lineOf,
  outOfOrder,
  raise,
  reachedLine,
  watermarkOf,
  ZONE_CHANGE_OVERLAP,
} from '../../src/sync/line.ts'

const SECOND = 1_000_000n
const row = (key: string, stamp: bigint | null, print = key): ListRow => ({
  key,
  stamp,
  fingerprint: Buffer.from(print),
  record: {},
})
const all = () => true

describe('the line (W5)', () => {
  it('is the watermark less the overlap until the event is settled, then the watermark', () => {
    const watermark = 1_000n * SECOND
    expect(lineOf({ watermark, finishedBegan: 1_005_000 })).toBe(990n * SECOND)
    expect(lineOf({ watermark, finishedBegan: 1_010_000 })).toBe(990n * SECOND)
    expect(lineOf({ watermark, finishedBegan: 1_010_001 })).toBe(watermark)
    expect(lineOf({ watermark: null, finishedBegan: null })).toBeNull()
  })

  it('lies 70 minutes lower around a change of the clocks', () => {
    const marks = { watermark: 10_000n * SECOND, finishedBegan: 10_100_000 }
    expect(lineOf(marks)).toBe(10_000n * SECOND)
    expect(lineOf(marks, ZONE_CHANGE_OVERLAP)).toBe(5_800n * SECOND)
  })

  it('is reached by a page whose last row is at or below it, if all below is known', () => {
    const rows = [row('a', 30n), row('b', 20n), row('c', 10n)]
    expect(reachedLine(rows, 10n, all)).toBe(true)
    expect(reachedLine(rows, 9n, all)).toBe(false)
    expect(reachedLine(rows, 20n, (r) => r.key !== 'b')).toBe(false)
    expect(reachedLine(rows, 20n, (r) => r.key !== 'a')).toBe(true)
  })

  it('is neither reached nor hindered by rows without a stamp (W7)', () => {
    expect(reachedLine([row('a', 30n), row('b', 10n), row('c', null)], 10n, (r) => r.key !== 'c')).toBe(true)
    expect(reachedLine([row('a', null)], 10n, all)).toBe(false)
  })
})

describe('the watermark (W7)', () => {
  it('passes over a stamp of the year 2099', () => {
    const future = BigInt(Date.parse('2099-01-01T00:00:00Z')) * 1000n
    expect(watermarkOf([row('a', future), row('b', 500n * SECOND)], 600_000)).toEqual({
      mark: 500n * SECOND,
      future: 1,
    })
  })

  it('is the Date of the answer when every stamp lies in the future', () => {
    expect(watermarkOf([row('a', 700n * SECOND)], 600_000)).toEqual({ mark: 600n * SECOND, future: 1 })
  })

  it('never falls', () => {
    expect(raise(5n, 3n)).toBe(5n)
    expect(raise(null, 3n)).toBe(3n)
    expect(raise(5n, null)).toBe(5n)
  })
})

describe('order as the signal (W6)', () => {
  const head = headOf([row('a', null), row('b', null), row('c', null)])

  it('knows a head to the letter', () => {
    expect(isHead([row('a', null), row('b', null), row('c', null)], head)).toBe(true)
    expect(isHead([row('a', null), row('b', null, 'edited'), row('c', null)], head)).toBe(false)
    expect(isHead([row('b', null), row('a', null), row('c', null)], head)).toBe(false)
    expect(isHead([], null)).toBe(false)
  })

  it('ends at a known row below a remembered one', () => {
    expect(
      belowHead([row('x', null), row('a', null), row('b', null)], head, false, (r) => r.key !== 'x'),
    ).toBe(true)
    expect(belowHead([row('x', null), row('y', null)], head, false, all)).toBe(false)
    expect(belowHead([row('x', null), row('y', null)], head, true, all)).toBe(true)
  })
})

it('sees stamps that rise down the page (W9)', () => {
  expect(outOfOrder([row('a', 3n), row('b', null), row('c', 3n), row('d', 2n)])).toBe(false)
  expect(outOfOrder([row('a', 2n), row('b', null), row('c', 3n)])).toBe(true)
})
