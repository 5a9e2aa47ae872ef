import { describe, expect, it } from 'vitest'
import { readStamp, stampToIso } from '../../src/domain/stamp.ts'
import fc from '../helpers/fast-check.ts'

const micros = (iso: string, more = 0n) => BigInt(Date.parse(iso)) * 1000n + more

describe('readStamp', () => {
  it.each([
    ['2026-05-02T11:00:00Z', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02T11:00:00', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02 11:00:00', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02 11:00:00 UTC', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02T11:00:00.5Z', micros('2026-05-02T11:00:00.500Z')],
    ['2026-05-02T11:00:00.123456Z', micros('2026-05-02T11:00:00.123Z', 456n)],
    ['2026-05-02T11:00:00.123456999Z', micros('2026-05-02T11:00:00.123Z', 456n)],
    ['2026-05-02T16:30:00+0530', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02T16:30:00+05:30', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02 07:00:00 -0400', micros('2026-05-02T11:00:00Z')],
    ['2026-05-02', micros('2026-05-02T00:00:00Z')],
    [1777719600, micros('2026-05-02T11:00:00Z')],
    [1777719600.123456, micros('2026-05-02T11:00:00.123Z', 456n)],
    [1777719600123, micros('2026-05-02T11:00:00.123Z')],
    ['1777719600', micros('2026-05-02T11:00:00Z')],
    ['1777719600123', micros('2026-05-02T11:00:00.123Z')],
    [1777719600123456, micros('2026-05-02T11:00:00.123Z', 456n)],
  ])('%s', (value, expected) => {
    expect(readStamp(value)).toBe(expected)
  })

  it.each([
    null,
    undefined,
    '',
    'soon',
    0,
    -1,
    '0',
    '20260502',
    '20260502113000',
    '0000-00-00 00:00:00',
    '2026-02-30T11:00:00Z',
    '2026-05-02T11:00:00+05:60',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    {},
    [],
    true,
  ])('%s is no stamp', (value) => {
    expect(readStamp(value)).toBeNull()
  })

  it('reads back what stampToIso writes', () => {
    const min = micros('1900-01-01T00:00:00Z')
    const max = micros('9999-12-31T23:59:59.999Z', 999n)
    fc.assert(
      fc.property(fc.bigInt({ min, max }), (stamp) => {
        expect(readStamp(stampToIso(stamp))).toBe(stamp)
      }),
    )
  })

  it('keeps the order of stamps, whatever their offsets', () => {
    const at = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(at, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, minutes) => {
        const wall = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const part = (n: number) => String(n).padStart(2, '0')
        const abs = Math.abs(minutes)
        const offset = `${minutes < 0 ? '-' : '+'}${part(Math.trunc(abs / 60))}:${part(abs % 60)}`
        expect(readStamp(wall + offset)).toBe(BigInt(date.getTime()) * 1000n)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readStamp(value)))
  })
})

describe('stampToIso', () => {
  it('gives microseconds, before 1970 too', () => {
    expect(stampToIso(1n)).toBe('1970-01-01T00:00:00.000001Z')
    expect(stampToIso(-1n)).toBe('1969-12-31T23:59:59.999999Z')
    expect(stampToIso(null)).toBeNull()
  })
})
