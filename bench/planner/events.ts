import { sql } from 'kysely'
import { DEFAULT_SWEEPS } from '../../src/domain/sweep-times.ts'
import type { PlannedAccount } from '../../src/scheduler/planning.ts'
import { replan } from '../../src/scheduler/planning.ts'
import { ensureAccount } from '../../src/store/accounts.ts'
import { addCredential } from '../../src/store/credentials.ts'
import type { Db } from '../../src/store/database.ts'
import { participantTable } from '../../src/store/participants/table.ts'

/** Accounts with so many events, each planned by the product's own code. */

/** What an account's events are, beside the ten of this morning. */
export type Shape = 'raced' | 'in season' | 'new'

/** Events of a race morning, polled every minute. */
export const NEAR = 10

/** Makes one account of `count` events: ten that start within three hours, and the rest as the shape says. */
export async function accountOf(db: Db, shape: Shape, count: number): Promise<PlannedAccount> {
  const principal = `bench-${shape}-${count}`
  const { timing_partner_id: partnerId } = await db
    .insertInto('timing_partners')
    .values({ company_name: principal, timezone: 'America/New_York' })
    .returning('timing_partner_id')
    .executeTakeFirstOrThrow()
  const added = await db.transaction().execute((trx) =>
    addCredential(trx, {
      partnerId,
      provider: 'haku',
      organization: 'Bench Organization',
      principal,
      timezone: null,
    }),
  )
  if (!added) throw new Error(`${principal} exists already`)
  await sql`UPDATE partner_provider_credentials SET proven_at = now(), state = 'Ready'
    WHERE account_id IS NOT NULL AND timing_partner_id = ${partnerId}`.execute(db)
  const accountId = await ensureAccount(db, 'haku', principal)
  await fill(db, { accountId, partnerId, shape, count })
  const account: PlannedAccount = {
    accountId,
    shape: participantTable('haku'),
    limits: { perHour: 500, minSpacingMs: 1_500 },
    needsDetail: true,
    sweeps: DEFAULT_SWEEPS,
  }
  await replan(db, account)
  return account
}

interface Filling {
  accountId: number
  partnerId: number
  shape: Shape
  count: number
}

async function fill(db: Db, { accountId, partnerId, shape, count }: Filling): Promise<void> {
  const elsewhere = shape === 'raced' ? sql`-(i % 900 + 30)` : sql`(i % 270 + 31)`
  await sql`
    INSERT INTO haku_events (timing_partner_id, account_id, event_id, event_name, starts_at, timezone)
    SELECT ${partnerId}, ${accountId}, 'event-' || i, 'Event ' || i,
      CASE WHEN i <= ${NEAR} THEN morning + interval '3 hours' + i * interval '1 minute'
        ELSE morning + ${elsewhere} * interval '1 day' END, 'America/New_York'
    FROM generate_series(1, ${count}::int) i, date_trunc('minute', now()) AS morning`.execute(db)
  await sql`ANALYZE haku_events, sync_state`.execute(db)
  // New events wait for their backfill; all others had a sweep and a poll within their interval.
  await sql`
    UPDATE sync_state SET complete_at = now() - interval '9 days', swept_at = now() - interval '1 minute',
      began_at = now() - (hashtext(event_id) & 1023) / 1024.0
        * CASE WHEN urgent.near THEN interval '1 minute' ELSE interval '4 hours' END
    FROM (SELECT event_id AS id, starts_at BETWEEN now() AND now() + interval '4 hours' AS near
      FROM haku_events WHERE account_id = ${accountId}) AS urgent
    WHERE account_id = ${accountId} AND event_id = urgent.id
      AND (urgent.near OR ${shape} <> 'new')`.execute(db)
}
