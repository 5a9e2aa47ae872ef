import { describe, expect, it } from 'vitest'
import type { CallClass } from '../../src/domain/account.ts'
import {
  type Decision,
  decide,
  effectiveLimit,
  keptFor,
  type Limits,
  throttlePause,
  WINDOW_MS,
  type WindowFacts,
} from '../../src/quota/window.ts'
import fc from '../helpers/fast-check.ts'

const haku: Limits = { perHour: 500, minSpacingMs: 1500 }

function facts(part: Partial<WindowFacts> = {}): WindowFacts {
  return {
    now: 0,
    count: 0,
    upkeep: 0,
    leaves: [],
    lastAcquired: null,
    pause: null,
    observedLimit: null,
    ...part,
  }
}

const full = (count: number, first = 1000): number[] =>
  Array.from({ length: count }, (_, i) => first + i * 10)

describe('limit and reserve (L3)', () => {
  it.each<[CallClass, number]>([
    ['person', 500],
    ['upkeep', 470],
    ['poll', 445],
    ['backfill', 445],
  ])('lets class %s use %i of 500 calls', (callClass, allowed) => {
    expect(decide(callClass, haku, facts({ count: allowed - 1 }))).toEqual({ go: true })
    const stop = decide(callClass, haku, facts({ count: allowed, leaves: full(allowed) }))
    expect(stop).toMatchObject({
      go: false,
      notBefore: 1001,
      reason: callClass === 'person' ? 'limit' : 'reserve',
    })
  })

  it('gives polls what upkeep has used of its 5 %', () => {
    expect(decide('poll', haku, facts({ count: 469, upkeep: 25 }))).toEqual({ go: true })
    expect(decide('poll', haku, facts({ count: 469, upkeep: 24, leaves: full(469) })).go).toBe(false)
  })

  it('waits for as many calls to leave as make room for one', () => {
    const leaves = full(480)
    expect(decide('upkeep', haku, facts({ count: 480, leaves }))).toEqual({
      go: false,
      notBefore: (leaves[10] as number) + 1,
      reason: 'reserve',
    })
  })

  it('keeps at most half of a small limit', () => {
    expect(keptFor('poll', { perHour: 10, minSpacingMs: 0 }, 10, 0)).toBe(5)
    expect(keptFor('person', { perHour: 10, minSpacingMs: 0 }, 10, 0)).toBe(0)
  })

  it('is lowered by headers and by unseen users, and raised by nothing', () => {
    expect(effectiveLimit(haku, 400)).toBe(400)
    expect(effectiveLimit(haku, 9000)).toBe(500)
    expect(effectiveLimit({ ...haku, externalUse: 0.2 }, null)).toBe(400)
  })

  it('looks again in an hour when the limit is nothing', () => {
    expect(decide('person', { ...haku, externalUse: 1 }, facts())).toMatchObject({
      notBefore: WINDOW_MS,
      reason: 'limit',
    })
  })
})

describe('spacing and pauses', () => {
  it('keeps the spacing from acquire to acquire', () => {
    expect(decide('poll', haku, facts({ now: 1499, lastAcquired: 0 }))).toEqual({
      go: false,
      notBefore: 1500,
      reason: 'spacing',
    })
    expect(decide('poll', haku, facts({ now: 1500, lastAcquired: 0 }))).toEqual({ go: true })
  })

  it('waits one spacing, not a whole clock step, when the clock was set back', () => {
    expect(decide('poll', haku, facts({ now: 0, lastAcquired: WINDOW_MS }))).toMatchObject({
      notBefore: 1500,
    })
  })

  it('names the reason that holds longest', () => {
    const pause = { until: 5000, reason: 'throttle' }
    expect(decide('poll', haku, facts({ lastAcquired: 0, pause }))).toMatchObject({
      notBefore: 5000,
      reason: 'paused',
    })
    const spent = facts({ count: 500, leaves: full(500, 9000), lastAcquired: 0, pause })
    expect(decide('person', haku, spent)).toMatchObject({ notBefore: 9001, reason: 'limit' })
  })

  it('refuses a person for a throttle and a restored window, not for an outage (N4)', () => {
    const paused = (reason: string) => decide('person', haku, facts({ pause: { until: 5000, reason } })).go
    expect([paused('throttle'), paused('restored'), paused('outage')]).toEqual([false, false, true])
    expect(decide('poll', haku, facts({ pause: { until: 5000, reason: 'outage' } })).go).toBe(false)
  })

  it('doubles the pause from 5 s to 2 min, and believes Retry-After within an hour (L4)', () => {
    expect([0, 1, 2, 3, 4, 5, 99].map((n) => throttlePause(n, null) / 1000)).toEqual([
      5, 10, 20, 40, 80, 120, 120,
    ])
    expect([0, 7_000, 1e12].map((after) => throttlePause(3, after))).toEqual([1_000, 7_000, WINDOW_MS])
  })
})

/** One call of the model: arrives at the provider anywhere between acquire and end. */
interface Call {
  acquired: number
  ended: number | null
  arrived: number
  timeout: number
  class: CallClass
}

const leavesAt = (call: Call) => (call.ended ?? call.acquired + call.timeout) + WINDOW_MS

function windowOf(calls: readonly Call[], now: number): WindowFacts {
  // What is not over yet has no end in the book.
  const known = calls.map((call) =>
    call.ended !== null && call.ended > now ? { ...call, ended: null } : call,
  )
  const inside = known.filter((call) => leavesAt(call) >= now)
  return facts({
    now,
    count: inside.length,
    upkeep: inside.filter((call) => call.class === 'upkeep').length,
    leaves: inside.map(leavesAt).sort((a, b) => a - b),
    lastAcquired: calls.at(-1)?.acquired ?? null,
  })
}

describe('no rolling 60 minutes above the limit', () => {
  const step = fc.record({
    class: fc.constantFrom<CallClass>('person', 'poll', 'upkeep', 'backfill'),
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: WINDOW_MS })),
    lasts: fc.double({ min: 0, max: 1, noNaN: true }),
    arrives: fc.double({ min: 0, max: 1, noNaN: true }),
    crashed: fc.boolean(),
    patient: fc.boolean(),
  })

  it('holds at the instants of arrival, whatever the calls do between acquire and end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(0, 1500),
        fc.array(step, { maxLength: 120 }),
        (perHour, minSpacingMs, steps) => {
          const limits: Limits = { perHour, minSpacingMs, reserve: 2 }
          const timeout = 30_000
          const calls: Call[] = []
          let now = 0
          for (const { class: callClass, gap, lasts, arrives, crashed, patient } of steps) {
            now += gap
            let decision: Decision = decide(callClass, limits, windowOf(calls, now))
            for (let i = 0; patient && !decision.go && i < 50; i++) {
              expect(decision.notBefore).toBeGreaterThan(now)
              now = decision.notBefore
              decision = decide(callClass, limits, windowOf(calls, now))
            }
            if (patient && perHour > 1) expect(decision.go).toBe(true)
            if (!decision.go) continue
            const end = now + Math.floor(lasts * timeout)
            const arrived = now + Math.floor(arrives * (crashed ? timeout : end - now))
            calls.push({ acquired: now, ended: crashed ? null : end, arrived, timeout, class: callClass })
          }
          const arrivals = calls.map((call) => call.arrived).sort((a, b) => a - b)
          // Closed at both ends: the strictest way in which a provider may count.
          for (const from of arrivals) {
            const inWindow = arrivals.filter((at) => at >= from && at <= from + WINDOW_MS).length
            expect(inWindow).toBeLessThanOrEqual(perHour)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
