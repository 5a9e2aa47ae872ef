import { sql } from 'kysely'
import type { Json } from '../../src/domain/json.ts'
import type { ChangeKind } from '../../src/domain/row.ts'
import { appendChanges, type PartnerEvent } from '../../src/store/changes.ts'
import type { Db } from '../../src/store/database.ts'

/** A timing partner with an account and an event, whose feed is empty. */
export async function seedFeed(db: Db, eventId = 'dawn'): Promise<PartnerEvent> {
  const { rows } = await sql<{ partner: number; account: number }>`
    WITH p AS (INSERT INTO timing_partners (company_name) VALUES ('Lantern Timing') RETURNING timing_partner_id AS id),
      a AS (INSERT INTO accounts (provider, principal) VALUES ('haku', ${`client ${eventId}`}) RETURNING account_id AS id)
    SELECT p.id AS partner, a.id AS account FROM p, a`.execute(db)
  const { partner, account } = rows[0]!
  await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, timezone)
    VALUES (${eventId}, ${partner}, ${account}, 'Dawn Run', 'America/New_York')`.execute(db)
  await sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
    VALUES ('haku', ${partner}, ${eventId}, ${account})`.execute(db)
  return { provider: 'haku', partnerId: partner, eventId }
}

/** Appends that many changes, in one transaction. */
export async function change(
  db: Db,
  at: PartnerEvent,
  count = 1,
  over: { key?: string; change?: ChangeKind; fields?: Record<string, [Json, Json]> } = {},
): Promise<void> {
  const one = { key: 'r1', change: 'changed' as const, fields: { bib_number: ['1', '2'] as [Json, Json] } }
  const all = Array.from({ length: count }, () => ({ ...one, sourceUpdatedAt: null, ...over }))
  await db.transaction().execute((trx) => appendChanges(trx, at, null, all))
}
