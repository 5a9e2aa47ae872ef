import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'

/** A single read of a sampled key, and what it said. */
export interface Sample {
  key: string
  found: boolean
}

export type HoldState = 'open' | 'applied' | 'discarded' | 'superseded'

/** A removal, or a foreign list, that waits for a person (A2, A3). Instants in ms since the epoch. */
export interface Hold {
  holdId: number
  provider: string
  accountId: number
  eventId: string
  kind: 'removal' | 'foreign_list'
  state: HoldState
  reason: string
  /** Registrations that the hold is about, those that came back meanwhile left out. */
  absent: number
  known: number
  samples: Sample[]
  openedAt: number
  decidedAt: number | null
  decidedBy: string | null
}

/** The event of an account that a hold is about. */
interface HeldEvent {
  accountId: number
  eventId: string
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

const COLUMNS = sql`hold_id::float8 AS "holdId", provider, account_id AS "accountId", event_id AS "eventId", kind, state,
  reason, absent, known, samples, ${ms('opened_at')} AS "openedAt", ${ms('decided_at')} AS "decidedAt",
  decided_by AS "decidedBy"`

/** Opens a hold, or lets the open one of this event begin again with these keys: its six hours start anew (A2). */
export async function openHold(
  db: Db | Trx,
  hold: Pick<Hold, 'provider' | 'accountId' | 'eventId' | 'kind' | 'reason' | 'absent' | 'known'> & {
    keys: readonly string[]
    samples: readonly Sample[]
    runId: number | null
  },
): Promise<void> {
  await sql`
    INSERT INTO holds (provider, account_id, event_id, kind, reason, absent, known, keys, samples, run_id, opened_at)
    VALUES (${hold.provider}, ${hold.accountId}, ${hold.eventId}, ${hold.kind}, ${hold.reason}, ${hold.absent},
      ${hold.known}, ${JSON.stringify(hold.keys)}::jsonb, ${JSON.stringify(hold.samples)}::jsonb, ${hold.runId},
      startlist.clock())
    ON CONFLICT (account_id, event_id, kind) WHERE state = 'open' DO UPDATE SET
      reason = excluded.reason, absent = excluded.absent, known = excluded.known, keys = excluded.keys,
      samples = excluded.samples, agree_from = startlist.clock()`.execute(db)
}

/** The open hold of an event, and from when an agreeing sweep counts its hours; null when none is open. */
export async function openHoldOf(
  db: Db | Trx,
  { accountId, eventId }: HeldEvent,
  kind: Hold['kind'],
): Promise<{ holdId: number; agreeFrom: number; keys: string[] } | null> {
  const result = await sql<{ holdId: number; agreeFrom: number; keys: string[] }>`
    SELECT hold_id::float8 AS "holdId", keys,
      (extract(epoch FROM coalesce(agree_from, opened_at)) * 1000)::float8 AS "agreeFrom" FROM holds
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = ${kind} AND state = 'open'`.execute(
    db,
  )
  return result.rows[0] ?? null
}

/** An agreeing sweep looked, and must not apply the hold: the six hours count from now (A2). */
export async function agreeAgainFromNow(db: Db | Trx, holdId: number): Promise<void> {
  await sql`UPDATE holds SET agree_from = startlist.clock() WHERE hold_id = ${holdId}`.execute(db)
}

/**
 * Registrations that a page lists are not absent: they leave removals that are held, so that nobody removes them, and
 * removals that were decided, so that their next absence counts as new. A hold that nothing is left of has nothing to
 * decide.
 */
export async function listedAgain(
  trx: Trx,
  { accountId, eventId }: HeldEvent,
  keys: readonly string[],
): Promise<void> {
  await sql`
    UPDATE holds SET keys = rest.keys, absent = jsonb_array_length(rest.keys),
      state = CASE WHEN holds.state = 'open' AND rest.keys = '[]' THEN 'superseded' ELSE holds.state END,
      decided_at = CASE WHEN holds.state = 'open' AND rest.keys = '[]' THEN startlist.clock() ELSE decided_at END,
      decided_by = CASE WHEN holds.state = 'open' AND rest.keys = '[]' THEN 'sweep' ELSE decided_by END
    FROM (
      SELECT hold_id, keys - ${keys}::text[] AS keys FROM holds
      WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = 'removal'
        AND state IN ('open', 'discarded', 'applied') AND keys ?| ${keys}::text[]
    ) AS rest
    WHERE holds.hold_id = rest.hold_id`.execute(trx)
}

/** The list came back, or agrees again: the hold has nothing left to decide. */
export async function supersedeHold(
  trx: Trx,
  { accountId, eventId }: HeldEvent,
  kind: Hold['kind'],
): Promise<void> {
  await sql`UPDATE holds SET state = 'superseded', decided_at = startlist.clock(), decided_by = 'sweep'
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = ${kind} AND state = 'open'`.execute(
    trx,
  )
}

/** What a person last said of a foreign list that shares a key with these; null when nobody was asked (A3). */
export async function decisionOnList(
  db: Db | Trx,
  { accountId, eventId }: HeldEvent,
  keys: readonly string[],
): Promise<'applied' | 'discarded' | null> {
  const result = await sql<{ state: 'applied' | 'discarded' }>`
    SELECT state FROM holds
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = 'foreign_list'
      AND state IN ('applied', 'discarded') AND keys ?| ${keys}::text[]
    ORDER BY decided_at DESC, hold_id DESC LIMIT 1`.execute(db)
  return result.rows[0]?.state ?? null
}

/** Permissions to store a foreign list end: what was stored by them was taken back. */
export async function endPermissions(trx: Trx, { accountId, eventId }: HeldEvent): Promise<void> {
  await sql`UPDATE holds SET state = 'superseded'
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = 'foreign_list' AND state = 'applied'`.execute(
    trx,
  )
}

/** Every open hold, oldest first. */
export async function openHolds(db: Db): Promise<Hold[]> {
  const result = await sql<Hold>`
    SELECT ${COLUMNS} FROM holds WHERE state = 'open' ORDER BY opened_at, hold_id`.execute(db)
  return result.rows
}

/** Holds that were decided, newest first, a hundred at most. */
export async function decidedHolds(db: Db): Promise<Hold[]> {
  const result = await sql<Hold>`
    SELECT ${COLUMNS} FROM holds WHERE state <> 'open' ORDER BY decided_at DESC, hold_id DESC LIMIT 100`.execute(
    db,
  )
  return result.rows
}

/** One hold with its keys, locked until the transaction ends: two decisions on it must not meet. */
export async function lockHold(trx: Trx, holdId: number): Promise<(Hold & { keys: string[] }) | null> {
  const result = await sql<Hold & { keys: string[] }>`
    SELECT ${COLUMNS}, keys FROM holds WHERE hold_id = ${holdId} FOR UPDATE`.execute(trx)
  return result.rows[0] ?? null
}

/** One hold; null when there is none of this id. */
export async function readHold(db: Db | Trx, holdId: number): Promise<Hold | null> {
  const result = await sql<Hold>`SELECT ${COLUMNS} FROM holds WHERE hold_id = ${holdId}`.execute(db)
  return result.rows[0] ?? null
}

/** Records a decision, and the runs that carried it out, so that undoing one of them opens the hold again. */
export async function decideHold(
  trx: Trx,
  holdId: number,
  decision: { state: 'applied' | 'discarded'; by: string; runIds?: readonly number[] },
): Promise<void> {
  await sql`UPDATE holds SET state = ${decision.state}, decided_at = startlist.clock(), decided_by = ${decision.by}
    WHERE hold_id = ${holdId}`.execute(trx)
  await sql`UPDATE sync_history SET hold_id = ${holdId}
    WHERE sync_history_id = ANY (${decision.runIds ?? []}::bigint[])`.execute(trx)
}

/**
 * What a run of this hold removed was taken back: it waits for a decision again, and an agreeing sweep for its six
 * hours. Not where a later hold of the event is open already.
 * @returns whether it is open now
 */
export async function reopenHold(trx: Trx, holdId: number): Promise<boolean> {
  const result = await sql`
    UPDATE holds SET state = 'open', agree_from = startlist.clock(), decided_at = NULL, decided_by = NULL
    WHERE hold_id = ${holdId} AND state = 'applied' AND NOT EXISTS (
      SELECT FROM holds other WHERE other.account_id = holds.account_id AND other.event_id = holds.event_id
        AND other.kind = holds.kind AND other.state = 'open')`.execute(trx)
  return result.numAffectedRows === 1n
}
