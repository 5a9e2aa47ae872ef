import { describe, expect, it } from 'vitest'
import {
  type Cadence,
  cadenceText,
  DEFAULT_CADENCE,
  readCadence,
  storedCadence,
} from '../../src/domain/cadence.ts'
import { StartlistError } from '../../src/domain/errors.ts'
import fc from '../helpers/fast-check.ts'
import { anyCadence, RUNS } from './arbitraries.ts'

const FLOOR = 30_000
const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

describe('readCadence', () => {
  it('reads the default from its own text', () => {
    expect(cadenceText(DEFAULT_CADENCE)).toBe('4h, 24h: 15m, 4h: 1m, stop: 1h')
    expect(readCadence('4h, 24h: 15m, 4h: 1m, stop: 1h', FLOOR)).toEqual(DEFAULT_CADENCE)
  })

  it('takes rows in any order, spaces anywhere, and an hour where nothing is said of the stop', () => {
    expect(readCadence(' 6h,1h:30s ,  7d : 1h', FLOOR)).toEqual({
      far: 6 * HOUR,
      rows: [
        { within: 7 * 24 * HOUR, every: HOUR },
        { within: HOUR, every: 30 * SECOND },
      ],
      stop: HOUR,
    })
  })

  it('takes one interval for all times, and a stop at the gun', () => {
    expect(readCadence('90m, stop: 0m', FLOOR)).toEqual({ far: 90 * MINUTE, rows: [], stop: 0 })
  })

  it('takes an interval that is exactly the floor', () => {
    expect(readCadence('30s', FLOOR).far).toBe(FLOOR)
  })

  it.each<[text: string, names: RegExp]>([
    ['', /begins with the interval/],
    [', 4h: 1m', /begins with the interval/],
    ['24h: 15m', /"24h: 15m" is no interval/],
    ['4h, near: 1m', /"near" is neither/],
    ['4h, until: 1h', /"until" is neither/],
    ['4h, __proto__: 1m', /"__proto__" is neither/],
    ['-4h', /"-4h" is no interval/],
    ['4h, 24h: -15m', /"-15m" is no interval/],
    ['4h, -24h: 15m', /"-24h" is neither/],
    ['4h, stop: -1h', /"stop: -1h" is no time/],
    ['4h, 24h: 29s', /29s is too short: the least is 30s/],
    ['0s', /0s is too short/],
    ['25h', /25h is too long: the most is 24h/],
    ['4h, 0h: 1m', /0h before the start is not between/],
    ['4h, 366d: 1h', /366d before the start is not between/],
    ['4h, stop: 8d', /"stop: 8d" is too late/],
    ['4h, 24h: 15m, 1440m: 1m', /1440m before the start is given twice/],
    ['4h, stop: 1h, stop: 2h', /"stop" is given twice/],
    ['4h, 24h', /"24h" is no "TIME/],
    ['4h, 24h: 15m: 1m', /is no "TIME/],
    ['4h,', /"" is no "TIME/],
    ['4h, 24h: 1.5m', /"1.5m" is no interval/],
    ['4h, 24h: 15', /"15" is no interval/],
    ['4h, 24h: 15min', /"15min" is no interval/],
    ['4h, 24h: 1m, 4h: 15m', /from 4h before the start every 15m is slower than every 1m/],
    ['15m, 24h: 4h', /from 24h before the start every 4h is slower/],
  ])('refuses "%s" and names what is wrong', (text, names) => {
    const error = thrown(() => readCadence(text, FLOOR))
    expect(error.message).toMatch(names)
    expect(error).toMatchObject({ code: 'BAD_INPUT', class: 'usage' })
    expect(error.hint).toContain('4h, 24h: 15m, 4h: 1m, stop: 1h')
  })

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(anyCadence, (cadence: Cadence) => {
        expect(readCadence(cadenceText(cadence), SECOND)).toEqual(cadence)
      }),
      RUNS,
    )
  })

  it('reads any text or refuses it as usage, and nothing it reads is under the floor', () => {
    const piece = fc.constantFrom(
      '4h',
      '1m',
      '29s',
      '24h',
      'stop',
      ':',
      ',',
      ' ',
      '-',
      '0',
      'x',
      '999999999d',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('')
        let cadence: Cadence
        try {
          cadence = readCadence(text, FLOOR)
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT' })
          return
        }
        for (const every of [cadence.far, ...cadence.rows.map((row) => row.every)])
          expect(every).toBeGreaterThanOrEqual(FLOOR)
      }),
      RUNS,
    )
  })
})

describe('storedCadence', () => {
  it('is the default without a text, and where the text cannot be read', () => {
    expect(storedCadence(null)).toBe(DEFAULT_CADENCE)
    expect(storedCadence('every now and then')).toBe(DEFAULT_CADENCE)
    expect(storedCadence('0s')).toBe(DEFAULT_CADENCE)
  })

  it('keeps an interval that was long enough when it was set', () => {
    expect(storedCadence('10s').far).toBe(10 * SECOND)
  })
})

function thrown(act: () => unknown): StartlistError {
  try {
    act()
  } catch (error) {
    if (error instanceof StartlistError) return error
  }
  throw new Error('nothing was refused')
}
