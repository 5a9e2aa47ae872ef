import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import {
  type CallBook,
  type LedgerCall,
  type LedgerEnd,
  openMeter,
  type Spender,
} from '../../src/quota/ledger.ts'
import type { WindowFacts } from '../../src/quota/window.ts'

/** A book in memory, for one account; a call leaves an hour after it was acquired. */
function memoryBook(clock: VirtualClock, part: Partial<WindowFacts> = {}) {
  const calls: (LedgerCall & { at: number })[] = []
  const ends: LedgerEnd[] = []
  const book: CallBook = {
    async acquire(call, decide) {
      const now = clock.now()
      const leaves = calls.map((one) => one.at + 3_600_000).filter((at) => at >= now)
      const pause = part.pause && part.pause.until > now ? part.pause : null
      const lastAcquired = calls.at(-1)?.at ?? null
      const facts = { now, count: leaves.length, upkeep: 0, leaves, lastAcquired, observedLimit: null, pause }
      const decision = decide(facts)
      if (decision.go) calls.push({ ...call, at: now })
      return { decision, callId: decision.go ? String(calls.length) : null, now }
    },
    end: async (_id, end) => void ends.push(end),
  }
  return { book, calls, ends }
}

const start = Date.parse('2026-05-02T10:00:00Z')
const list = { purpose: 'list', eventId: 'e1', timeoutMs: 30_000 } as const
const person: Spender = { accountId: 7, class: 'person', limits: { perHour: 3, minSpacingMs: 1500 } }

async function spend(meter: ReturnType<typeof openMeter>, times: number) {
  for (let i = 0; i < times; i++) await (await meter.acquire(list)).end({ status: 200, errorCode: null })
}

describe('acquiring', () => {
  it('waits for the spacing, records each call, and counts them', async () => {
    const clock = new VirtualClock(start)
    const { book, calls } = memoryBook(clock)
    const meter = openMeter(book, clock, { ...person, runId: '12' })
    await spend(meter, 3)
    expect(clock.now() - start).toBe(3000)
    expect(meter.spent).toBe(3)
    expect(calls[0]).toMatchObject({
      accountId: 7,
      class: 'person',
      purpose: 'list',
      eventId: 'e1',
      runId: '12',
    })
  })

  it('gives an attempt until its timeout', async () => {
    const clock = new VirtualClock(start)
    expect((await openMeter(memoryBook(clock).book, clock, person).acquire(list)).deadline).toBe(
      start + 30_000,
    )
  })

  it('throws QUOTA_SPENT with the instant when nobody waits', async () => {
    const clock = new VirtualClock(start)
    const meter = openMeter(memoryBook(clock).book, clock, person)
    await spend(meter, 3)
    await expect(meter.acquire(list)).rejects.toMatchObject({
      code: 'QUOTA_SPENT',
      retryAt: start + 3_600_001,
    })
    expect(meter.spent).toBe(3)
  })

  it('waits for the quota where asked, and says until when', async () => {
    const clock = new VirtualClock(start)
    const waits: unknown[] = []
    const meter = openMeter(memoryBook(clock).book, clock, {
      ...person,
      wait: true,
      onWait: (wait) => waits.push(wait),
    })
    await spend(meter, 4)
    expect(clock.now()).toBe(start + 3_600_001)
    expect(waits).toEqual([{ until: start + 3_600_001, reason: 'limit' }])
  })

  it.each([
    ['throttle', 'THROTTLED'],
    ['outage', 'PROVIDER_DOWN'],
    ['restored', 'QUOTA_SPENT'],
  ])('calls a pause for %s %s', async (reason, code) => {
    const clock = new VirtualClock(start)
    const { book } = memoryBook(clock, { pause: { until: start + 9000, reason } })
    const poll: Spender = { ...person, class: 'poll', limits: { perHour: 500, minSpacingMs: 0 } }
    await expect(openMeter(book, clock, poll).acquire(list)).rejects.toMatchObject({
      code,
      retryAt: start + 9000,
    })
    await openMeter(book, clock, { ...poll, wait: true }).acquire(list)
    expect(clock.now()).toBe(start + 9000)
  })

  it('names the reserve when calls are left for others', async () => {
    const clock = new VirtualClock(start)
    const poll: Spender = { ...person, class: 'poll', limits: { perHour: 2, minSpacingMs: 0 } }
    const meter = openMeter(memoryBook(clock).book, clock, poll)
    await spend(meter, 1)
    await expect(meter.acquire(list)).rejects.toThrow(/kept for others until 2026-05-02T11:00:00/)
  })

  it('stops at the signal, before a call and amid a wait', async () => {
    const clock = new VirtualClock(start)
    const { book, calls } = memoryBook(clock)
    const stop = new AbortController()
    const onWait = () => stop.abort(new Error('stopped'))
    const meter = openMeter(book, clock, { ...person, wait: true, onWait, signal: stop.signal })
    await spend(meter, 3)
    await expect(meter.acquire(list)).rejects.toThrow('stopped')
    await expect(meter.acquire(list)).rejects.toThrow('stopped')
    expect(calls.length).toBe(3)
  })

  it('books a token as upkeep, unless a person waits for it (L3)', async () => {
    const clock = new VirtualClock(start)
    const { book, calls } = memoryBook(clock)
    const token = { purpose: 'token', timeoutMs: 30_000 } as const
    const limits = { perHour: 500, minSpacingMs: 0 }
    for (const callClass of ['person', 'poll', 'backfill'] as const) {
      await openMeter(book, clock, { ...person, class: callClass, limits }).acquire(token)
    }
    expect(calls.map((call) => call.class)).toEqual(['person', 'upkeep', 'upkeep'])
  })
})

describe('ending', () => {
  async function ended(
    report: Parameters<Awaited<ReturnType<ReturnType<typeof openMeter>['acquire']>>['end']>[0],
  ) {
    const clock = new VirtualClock(start)
    const { book, ends } = memoryBook(clock)
    await (await openMeter(book, clock, person).acquire(list)).end(report)
    return ends[0] as LedgerEnd
  }

  it('pauses for a throttle: by Retry-After, by headers, else by doubling', async () => {
    const plain = await ended({ status: 429, errorCode: 'THROTTLED' })
    expect(plain).toMatchObject({ throttled: true, succeeded: false })
    expect([0, 1, 9].map((n) => plain.pauseMs?.(n))).toEqual([5_000, 10_000, 120_000])
    expect((await ended({ status: 429, errorCode: 'THROTTLED', retryAfterMs: 33_000 })).pauseMs?.(4)).toBe(
      33_000,
    )
    const headers = new Headers({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '60' })
    expect((await ended({ status: 429, errorCode: 'THROTTLED', headers })).pauseMs?.(0)).toBe(60_000)
  })

  it('pauses for a throttle that came with status 200', async () => {
    const told = await ended({ status: 200, errorCode: 'THROTTLED' })
    expect(told).toMatchObject({ throttled: true, succeeded: false })
    expect([0, 1].map((n) => told.pauseMs?.(n))).toEqual([5_000, 10_000])
  })

  it('takes a success as the all-clear, a failure as nothing', async () => {
    expect(await ended({ status: 200, errorCode: null })).toMatchObject({
      succeeded: true,
      pauseMs: null,
      limit: null,
    })
    expect(await ended({ status: 503, errorCode: 'PROVIDER_DOWN' })).toMatchObject({
      succeeded: false,
      pauseMs: null,
    })
    expect(await ended({ status: null, errorCode: 'NETWORK' })).toMatchObject({
      succeeded: false,
      throttled: false,
    })
  })

  it('does not believe the token endpoint about the quota of the API', async () => {
    const clock = new VirtualClock(start)
    const { book, ends } = memoryBook(clock)
    const ticket = await openMeter(book, clock, person).acquire({ purpose: 'token', timeoutMs: 30_000 })
    await ticket.end({ status: 200, errorCode: null, headers: new Headers({ 'X-RateLimit-Limit': '5' }) })
    expect(ends[0]?.limit).toBe(null)
  })
})
