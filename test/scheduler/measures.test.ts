import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { VirtualClock } from '../../src/domain/clock.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { Measures } from '../../src/scheduler/measures.ts'
import { ensureAccount, pauseAccount } from '../../src/store/accounts.ts'
import { acquireCall, endCall } from '../../src/store/calls.ts'
import { testDatabase } from '../helpers/database.ts'

const START = '2026-05-01T16:00:00Z'
const PRINCIPAL = 'c1ie47'.repeat(4)

async function measured() {
  const clock = new VirtualClock(START)
  const { db } = await testDatabase({ virtualClock: clock })
  const metrics = createMetrics()
  const measures = new Measures(
    db,
    loadConfig({ root: '/nonexistent', env: { HAKU_QUOTA_PER_HOUR: '400' } }),
    metrics,
  )
  const accountId = await ensureAccount(db, 'haku', PRINCIPAL)
  const call = async (status: number) => {
    const asked = { accountId, class: 'poll', purpose: 'list', eventId: null, runId: null, timeoutMs: 30_000 }
    const { callId } = await acquireCall(db, asked, () => ({ go: true }))
    clock.advance(200)
    await endCall(db, callId!, {
      status,
      errorCode: null,
      pauseMs: null,
      throttled: false,
      succeeded: status === 200,
      limit: null,
      used: null,
    })
  }
  const look = async () => {
    // What is counted has to be a few seconds old: committed for sure.
    clock.advance(10_000)
    await measures.look()
    return metrics.text()
  }
  return { db, clock, accountId, call, look }
}

it('counts each call once, by class and result, however often it looks', async () => {
  const { call, look } = await measured()
  await call(200)
  await look()
  await call(200)
  await call(200)
  await call(503)
  expect(await look()).toMatch(/^startlist_calls_total\{class="poll",purpose="list",result="ok"\} 2$/m)
  const text = await look()
  expect(text).toMatch(/^startlist_calls_total\{class="poll",purpose="list",result="ok"\} 2$/m)
  expect(text).toMatch(/^startlist_calls_total\{class="poll",purpose="list",result="503"\} 1$/m)
  expect(text).toMatch(/^startlist_call_duration_seconds_count\{purpose="list"\} 3$/m)
  expect(text).toMatch(/^startlist_call_duration_seconds_bucket\{le="0.25",purpose="list"\} 3$/m)
})

it('shows quota, breaker and lateness as they are, and forgets what is over', async () => {
  const { db, clock, accountId, call, look } = await measured()
  await call(200)
  await pauseAccount(db, accountId, { forMs: 60_000, reason: 'outage' })
  await sql`INSERT INTO sync_state (account_id, event_id, every_ms, due_at, began_at)
    VALUES (${accountId}, 'late', 60000, startlist.clock() - interval '20 s', startlist.clock() - interval '80 s'),
      (${accountId}, 'quiet', 60000, startlist.clock() + interval '1 min', startlist.clock())`.execute(db)
  const text = await look()
  expect(text).toMatch(/^startlist_quota_used_calls\{account="1"\} 1$/m)
  expect(text).toMatch(/^startlist_quota_limit_calls\{account="1"\} 400$/m)
  expect(text).toMatch(/^startlist_account_paused\{account="1",reason="outage"\} 1$/m)
  expect(text).toMatch(/^startlist_polled_events\{every="60"\} 2$/m)
  expect(text).toMatch(/^startlist_late_events\{every="60"\} 1$/m)
  expect(text).toMatch(/^startlist_freshness_seconds\{every="60"\} 90$/m)
  expect(text).not.toContain(PRINCIPAL)
  clock.advance(60_000)
  expect(await look()).not.toMatch(/^startlist_account_paused\{/m)
})

it('says that the database is away, and nothing stale beside it', async () => {
  const { db, call, look } = await measured()
  await call(200)
  expect(await look()).toMatch(/^startlist_database_up 1$/m)
  await sql`DROP TABLE api_calls`.execute(db)
  const text = await look()
  expect(text).toMatch(/^startlist_database_up 0$/m)
  expect(text).not.toMatch(/^startlist_quota_used_calls\{/m)
})
