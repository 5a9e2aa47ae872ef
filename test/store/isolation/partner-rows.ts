import { sql } from 'kysely'
import type { Db } from '../../../src/store/database.ts'

/** One timing partner with a row in every table that tenants may read. */
export interface Seeded {
  partnerId: number
  accountId: number
  /** Stands in every text of the partner's rows, and in nobody else's. */
  mark: string
}

/** @param state of its credential: only a Ready one receives its account's events (S1) */
export async function seedPartner(
  db: Db,
  mark: string,
  { principal = `client-${mark}`, state = 'Ready' }: { principal?: string; state?: 'Ready' | 'Refused' } = {},
): Promise<Seeded> {
  const id = async (query: ReturnType<typeof sql<{ id: number }>>) => (await query.execute(db)).rows[0]!.id
  const partnerId = await id(sql`
    INSERT INTO timing_partners (company_name, password_hash) VALUES (${mark}, 'legacy') RETURNING timing_partner_id AS id`)
  const accountId = await id(sql`
    INSERT INTO accounts (provider, principal, token) VALUES ('haku', ${principal}, 'sealed')
    ON CONFLICT (provider, principal) DO UPDATE SET token = 'sealed' RETURNING account_id AS id`)
  const proven = state === 'Ready' ? new Date(0).toISOString() : null
  await sql`
    INSERT INTO partner_provider_credentials (provider_id, timing_partner_id, principal, secret, account_id, state,
      proven_at, additional_config)
    SELECT provider_id, ${partnerId}, ${principal}, 'sealed', ${accountId}, ${state}, ${proven}::timestamptz,
      jsonb_build_object('organization_name', ${mark}::text)
    FROM providers WHERE name = 'Haku'`.execute(db)
  const race = 1_000 + partnerId
  const rows = [
    sql`INSERT INTO haku_events (event_id, event_name, timing_partner_id, account_id)
      VALUES (${mark}, ${mark}, ${partnerId}, ${accountId})`,
    sql`INSERT INTO haku_participants (event_id, participant_id, timing_partner_id, last_name)
      VALUES (${mark}, '1', ${partnerId}, ${mark})`,
    sql`INSERT INTO runsignup_races (race_id, name, timing_partner_id) VALUES (${race}, ${mark}, ${partnerId})`,
    sql`INSERT INTO runsignup_events (event_id, race_id, name, timing_partner_id)
      VALUES (${race}, ${race}, ${mark}, ${partnerId})`,
    sql`INSERT INTO runsignup_participants (race_id, event_id, registration_id, timing_partner_id, last_name)
      VALUES (${race}, ${race}, 1, ${partnerId}, ${mark})`,
    sql`INSERT INTO sync_history (timing_partner_id, provider_id, event_id, inserted)
      SELECT ${partnerId}, provider_id, ${mark}, 1 FROM providers WHERE name = 'Haku'`,
    sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
      VALUES ('haku', ${partnerId}, ${mark}, ${accountId})`,
    sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields,
        seen_at) VALUES ('haku', ${partnerId}, ${mark}, 1, '1', 'added', '{}', startlist.clock())`,
    sql`INSERT INTO rejected_records (provider, timing_partner_id, account_id, event_id, kind, record_key, reason, raw,
        first_seen, last_seen)
      VALUES ('haku', ${partnerId}, ${accountId}, ${mark}, 'record', '1', 'x', ${mark}, startlist.clock(), startlist.clock())`,
    sql`INSERT INTO sync_state (account_id, event_id) VALUES (${accountId}, ${mark}) ON CONFLICT DO NOTHING`,
    sql`INSERT INTO api_calls (account_id, acquired_at, timeout_ms, class, purpose, event_id)
      VALUES (${accountId}, startlist.clock(), 1, 'poll', 'list', ${mark})`,
    sql`INSERT INTO holds (provider, account_id, event_id, kind, reason, absent, known, opened_at)
      VALUES ('haku', ${accountId}, ${mark}, 'removal', 'x', 1, 1, startlist.clock())`,
    sql`INSERT INTO feed_marks (provider, timing_partner_id, event_id, name, position, made_at)
      VALUES ('haku', ${partnerId}, ${mark}, ${mark}, 1, startlist.clock())`,
    sql`INSERT INTO webhooks (timing_partner_id, url, secret, may_be_local, made_at)
      VALUES (${partnerId}, ${`https://${mark}.example.com`}, 'sealed', false, startlist.clock())`,
    sql`INSERT INTO webhook_deliveries (webhook_id, timing_partner_id, provider, event_id, after_position,
        until_position, made_at, try_at)
      SELECT webhook_id, timing_partner_id, 'haku', ${mark}, 0, 1, startlist.clock(), startlist.clock()
      FROM webhooks WHERE timing_partner_id = ${partnerId}`,
    sql`INSERT INTO api_tokens (name, token_hash, timing_partner_id) VALUES (${mark}, sha256(${mark}), ${partnerId})`,
    sql`INSERT INTO sync_queue (timing_partner_id, operation_type) VALUES (${partnerId}, 'pull')`,
    sql`INSERT INTO sweep_seen (account_id, event_id, pass, key) VALUES (${accountId}, ${mark}, 1, '1')`,
    sql`INSERT INTO freezes (freeze_id, provider, timing_partner_id, list_id, event_id, frozen_at, frozen_by, state, rows,
        sha256, rows_sha256, signature) OVERRIDING SYSTEM VALUE
      VALUES (${partnerId}, 'haku', ${partnerId}, ${mark}, ${mark}, startlist.clock(), 'x', '{}', 1, '', '', '')`,
    sql`INSERT INTO freeze_rows (freeze_id, place, provider, timing_partner_id, list_id, registration, line, row_sha256)
      VALUES (${partnerId}, 0, 'haku', ${partnerId}, ${mark}, '1', '{}', '')`,
    sql`INSERT INTO lanes (account_id) VALUES (${accountId}) ON CONFLICT DO NOTHING`,
  ]
  for (const row of rows) await row.execute(db)
  return { partnerId, accountId, mark }
}
