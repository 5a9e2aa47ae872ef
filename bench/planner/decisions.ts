import { sql } from 'kysely'
import { type NextStep, nextStep } from '../../src/quota/planner.ts'
import { type PlannedAccount, readFacts, replan } from '../../src/scheduler/planning.ts'
import type { Db } from '../../src/store/database.ts'
import { readDiscoveryMarks } from '../../src/store/plans/account-plan.ts'
import { NEAR } from './events.ts'

/** What one decision costs: from the account's plans in PostgreSQL to the next call. */

/** Medians of many decisions. */
export interface DecisionCost {
  /** the whole decision, statements included, in microseconds */
  wholeUs: number
  /** the pure planner alone, in microseconds */
  pureUs: number
  /** rows of `sync_state` and events that one decision reads from the heap */
  rows: number
  /** pages of 8 kB of these tables and their indexes that one decision touches */
  buffers: number
}

/** One decision, as a turn makes it between two calls. */
async function decide(db: Db, account: PlannedAccount): Promise<{ step: NextStep; pureUs: number }> {
  await replan(db, account)
  const marks = await readDiscoveryMarks(db, account.accountId)
  const facts = await readFacts(db, account, marks)
  const began = process.hrtime.bigint()
  const step = nextStep(facts)
  return { step, pureUs: Number(process.hrtime.bigint() - began) / 1_000 }
}

/** Measures `count` decisions, each after another race of the morning was polled. */
export async function measureDecisions(
  db: Db,
  account: PlannedAccount,
  count: number,
): Promise<DecisionCost> {
  const whole: number[] = []
  const pure: number[] = []
  const cost = { rows: 0, buffers: 0 }
  for (let i = -WARM_UP; i < count; i++) {
    await polled(db, account.accountId, `event-${((i + WARM_UP) % NEAR) + 1}`)
    const before = await reads(db)
    const began = process.hrtime.bigint()
    const { pureUs } = await decide(db, account)
    const wholeUs = Number(process.hrtime.bigint() - began) / 1_000
    if (i < 0) continue
    const after = await reads(db)
    whole.push(wholeUs)
    pure.push(pureUs)
    cost.rows += (after.rows - before.rows) / count
    cost.buffers += (after.buffers - before.buffers) / count
  }
  return { wholeUs: median(whole), pureUs: median(pure), ...cost }
}

const WARM_UP = 10

async function polled(db: Db, accountId: number, eventId: string): Promise<void> {
  await sql`UPDATE sync_state SET began_at = startlist.clock(), replan_at = '-infinity'
    WHERE account_id = ${accountId} AND event_id = ${eventId}`.execute(db)
}

/** What this server has read of the planner's tables so far. */
async function reads(db: Db): Promise<{ rows: number; buffers: number }> {
  await sql`SELECT pg_stat_force_next_flush()`.execute(db)
  const result = await sql<{ rows: number; buffers: number }>`
    SELECT sum(s.seq_tup_read + coalesce(s.idx_tup_fetch, 0))::float8 AS rows,
      sum(io.heap_blks_read + io.heap_blks_hit + io.idx_blks_read + io.idx_blks_hit)::float8 AS buffers
    FROM pg_stat_user_tables s JOIN pg_statio_user_tables io USING (relid)
    WHERE s.relname IN ('sync_state', 'haku_events')`.execute(db)
  return result.rows[0]!
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
