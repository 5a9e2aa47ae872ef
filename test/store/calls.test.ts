import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { openMeter, type Spender } from '../../src/quota/ledger.ts'
import { throttlePause } from '../../src/quota/window.ts'
import { ensureAccount, readAccount } from '../../src/store/accounts.ts'
import {
  acquireCall,
  type CallEnd,
  callBook,
  callsThisHour,
  endCall,
  type NewCall,
  purgeCalls,
  readLeaves,
  readWindow,
} from '../../src/store/calls.ts'
import { testDatabase } from '../helpers/database.ts'

const MINUTE = 60_000
const start = Date.parse('2026-05-02T10:00:00Z')
const clock = new VirtualClock(start)
const { db } = await testDatabase({ virtualClock: clock, max: 18 })

let principals = 0
const newAccount = () => ensureAccount(db, 'haku', `client-${++principals}`)
const call = (accountId: number, part: Partial<NewCall> = {}): NewCall => ({
  accountId,
  class: 'poll',
  purpose: 'list',
  eventId: 'e1',
  runId: null,
  timeoutMs: 30_000,
  ...part,
})
const go = () => ({ go: true })
const ok: CallEnd = {
  status: 200,
  errorCode: null,
  pauseMs: null,
  throttled: false,
  succeeded: true,
  limit: null,
  used: null,
}
const throttled: CallEnd = {
  ...ok,
  status: 429,
  errorCode: 'THROTTLED',
  succeeded: false,
  throttled: true,
  pauseMs: (earlier) => throttlePause(earlier, null),
}

async function spend(accountId: number, part: Partial<NewCall> = {}) {
  return (await acquireCall(db, call(accountId, part), go)).callId as string
}

describe('the rolling hour (L2)', () => {
  it('keeps a call until 60 minutes after its end, the very instant included', async () => {
    const account = await newAccount()
    clock.set(start)
    const id = await spend(account)
    clock.advance(10_000)
    await endCall(db, id, ok)
    expect(await readLeaves(db, account)).toEqual([start + 10_000 + 60 * MINUTE])
    clock.set(start + 60 * MINUTE + 10_000)
    expect(await callsThisHour(db, account)).toBe(1)
    clock.advance(1)
    expect(await callsThisHour(db, account)).toBe(0)
  })

  it('counts a call whose process died until its timeout and 60 minutes', async () => {
    const account = await newAccount()
    clock.set(start)
    await spend(account)
    clock.set(start + 60 * MINUTE + 30_000)
    expect(await callsThisHour(db, account)).toBe(1)
    clock.advance(1)
    expect(await callsThisHour(db, account)).toBe(0)
  })

  it('tells the facts of the window', async () => {
    const [account, other] = [await newAccount(), await newAccount()]
    clock.set(start)
    await spend(other)
    await spend(account, { class: 'upkeep' })
    clock.advance(2000)
    await spend(account)
    clock.advance(500)
    expect(await readWindow(db, account)).toEqual({
      now: start + 2500,
      count: 2,
      upkeep: 1,
      leaves: [],
      lastAcquired: start + 2000,
      lastCall: expect.any(Number),
      pause: null,
      observedLimit: null,
    })
  })

  it('asks again with the instants of leaving before it refuses, and writes no row', async () => {
    const account = await newAccount()
    clock.set(start)
    await spend(account)
    const asked: number[] = []
    const refused = await acquireCall(db, call(account), ({ leaves }) => {
      asked.push(leaves.length)
      return { go: false }
    })
    expect(refused).toEqual({ decision: { go: false }, callId: null, now: start })
    expect(asked).toEqual([0, 1])
    expect(await callsThisHour(db, account)).toBe(1)
  })
})

describe('many connections (L1)', () => {
  it('16 fighting for the last calls never get more than the limit', async () => {
    const account = await newAccount()
    const limits = { perHour: 5, minSpacingMs: 0 }
    const spender: Spender = { accountId: account, class: 'person', limits }
    for (let round = 0; round < 25; round++) {
      clock.set(start + round * 61 * MINUTE)
      // Some rounds begin with all but one call spent.
      for (let i = 0; i < (round % 2) * 4; i++) await endCall(db, await spend(account), ok)
      const free = 5 - (round % 2) * 4
      const tries = await Promise.allSettled(
        Array.from({ length: 16 }, () =>
          openMeter(callBook(db), clock, spender).acquire({ purpose: 'list', timeoutMs: 20_000 }),
        ),
      )
      const won = tries.filter((one) => one.status === 'fulfilled')
      expect(won.length).toBe(free)
      expect(await callsThisHour(db, account)).toBe(5)
      for (const one of tries) if (one.status === 'rejected') expect(one.reason.code).toBe('QUOTA_SPENT')
      for (const one of won) await one.value.end({ status: 200, errorCode: null })
    }
  })

  it('two that both wait are spaced, and both go', async () => {
    const account = await newAccount()
    clock.set(start)
    const spender: Spender = {
      accountId: account,
      class: 'person',
      limits: { perHour: 500, minSpacingMs: 1500 },
    }
    const tries = Array.from({ length: 4 }, () =>
      openMeter(callBook(db), clock, spender).acquire({ purpose: 'list', timeoutMs: 20_000 }),
    )
    await Promise.all(tries)
    const { rows } = await sql<{ gap: number | null }>`
      SELECT (extract(epoch FROM acquired_at - lag(acquired_at) OVER (ORDER BY acquired_at)) * 1000)::float8 AS gap
      FROM api_calls WHERE account_id = ${account}`.execute(db)
    const gaps = rows.flatMap((row) => (row.gap === null ? [] : [row.gap]))
    expect(gaps.length).toBe(3)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1500)
  })
})

describe('what an end means for the account (L4)', () => {
  it('writes status, code and duration, once', async () => {
    const account = await newAccount()
    clock.set(start)
    const id = await spend(account)
    clock.advance(1234)
    await endCall(db, id, { ...ok, status: 503, errorCode: 'PROVIDER_DOWN', succeeded: false })
    clock.advance(1000)
    await endCall(db, id, ok)
    const { rows } =
      await sql`SELECT status, error_code, ms FROM api_calls WHERE call_id = ${id}::bigint`.execute(db)
    expect(rows).toEqual([{ status: 503, error_code: 'PROVIDER_DOWN', ms: 1234 }])
  })

  it('doubles the pause while throttles follow each other, and starts over after a success', async () => {
    const account = await newAccount()
    clock.set(start)
    const pauses: number[] = []
    for (let i = 0; i < 3; i++) {
      await endCall(db, await spend(account), throttled)
      const until = (await readAccount(db, account))?.pause?.until as number
      pauses.push(until - clock.now())
      clock.set(until)
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000])
    await endCall(db, await spend(account), ok)
    expect(await readAccount(db, account)).toMatchObject({ throttles: 0, pause: null })
  })

  it('never shortens a pause, and shows it to the next acquire', async () => {
    const account = await newAccount()
    clock.set(start)
    const [first, second] = [await spend(account), await spend(account)]
    await endCall(db, first, { ...throttled, pauseMs: () => 90_000 })
    await endCall(db, second, { ...throttled, pauseMs: () => 5_000 })
    expect((await readWindow(db, account)).pause).toEqual({ until: start + 90_000, reason: 'throttle' })
  })

  it('keeps the lowest limit that headers showed', async () => {
    const account = await newAccount()
    clock.set(start)
    for (const limit of [400, 450, null, 300]) await endCall(db, await spend(account), { ...ok, limit })
    expect((await readWindow(db, account)).observedLimit).toBe(300)
  })
})

describe('purging (D5)', () => {
  it('removes what is older than 25 hours, in batches, and nothing else', async () => {
    const account = await newAccount()
    await sql`DELETE FROM api_calls`.execute(db)
    clock.set(start - 26 * 60 * MINUTE)
    for (let i = 0; i < 5; i++) await spend(account)
    clock.set(start - 24 * 60 * MINUTE)
    await spend(account)
    clock.set(start)
    const batches: number[] = []
    for (;;) {
      const gone = await purgeCalls(db, 3)
      batches.push(gone)
      if (gone === 0) break
    }
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM api_calls WHERE account_id = ${account}`.execute(db)
    expect([batches.reduce((a, b) => a + b), rows[0]?.n]).toEqual([5, 1])
  })
})
