import { sql } from 'kysely'
import type { Db, Trx } from './database.ts'

/** A removal, or a foreign list, that waits for a person (A2, A3). */
export interface Hold {
  holdId: number
  provider: string
  accountId: number
  eventId: string
  kind: 'removal' | 'foreign_list'
  reason: string
  absent: number
  known: number
  /** ms since the epoch */
  openedAt: number
}

/** Opens a hold, or brings the open one of this event up to date. */
export async function openHold(
  db: Db | Trx,
  hold: Omit<Hold, 'holdId' | 'openedAt'> & {
    keys: readonly string[]
    samples: readonly { key: string; found: boolean }[]
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
      samples = CASE WHEN excluded.samples = '[]' THEN holds.samples ELSE excluded.samples END`.execute(db)
}

/** The open hold of an event, if there is one. */
export async function openHoldOf(
  db: Db | Trx,
  accountId: number,
  eventId: string,
  kind: Hold['kind'],
): Promise<{ holdId: number; openedAt: number; samples: { key: string; found: boolean }[] } | null> {
  const result = await sql<{ hold_id: number; opened: number; samples: { key: string; found: boolean }[] }>`
    SELECT hold_id::float8 AS hold_id, (extract(epoch FROM opened_at) * 1000)::float8 AS opened, samples FROM holds
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = ${kind} AND state = 'open'`.execute(
    db,
  )
  const row = result.rows[0]
  return row ? { holdId: row.hold_id, openedAt: row.opened, samples: row.samples } : null
}

/** The list came back, or agrees again: the hold has nothing left to decide. */
export async function supersedeHold(
  trx: Trx,
  accountId: number,
  eventId: string,
  kind: Hold['kind'],
): Promise<void> {
  await sql`UPDATE holds SET state = 'superseded', decided_at = startlist.clock(), decided_by = 'sweep'
    WHERE account_id = ${accountId} AND event_id = ${eventId} AND kind = ${kind} AND state = 'open'`.execute(
    trx,
  )
}

/** Every open hold, oldest first. */
export async function openHolds(db: Db): Promise<Hold[]> {
  const result = await sql<Hold>`
    SELECT hold_id::float8 AS "holdId", provider, account_id AS "accountId", event_id AS "eventId", kind, reason,
      absent, known, (extract(epoch FROM opened_at) * 1000)::float8 AS "openedAt"
    FROM holds WHERE state = 'open' ORDER BY opened_at, hold_id`.execute(db)
  return result.rows
}
