import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Trx } from '../database.ts'
import { isForeign } from '../overview/foreign.ts'
import { participantTable } from '../participants/table.ts'
import { PASSES, SHADOW_SCHEMA } from './tables.ts'

const isOverwritten = (row: string) => `${row}.mapping_version IS NOT NULL AND ${isForeign(row)}`

/** Whether a row is as the scripts left it: never met by a pass, or written by them since. */
export const isTheirs = (row: string) => sql.raw(`(${row}.mapping_version IS NULL OR ${isOverwritten(row)})`)

/** Events and races that the scripts wrote since startlist did: discovery writes them again. */
const REDISCOVERED = { haku_events: 'row_hash', runsignup_events: 'row_hash', runsignup_races: 'raw_data' }

/**
 * Rows that the scripts wrote after startlist had met them are unverified again, as adopted ones are (M5): their hashes
 * tell of another content, and their bibs may be of anybody. Where no pass has read their list since the shadow began,
 * the next poll reads it whole.
 */
export async function distrustTheirs(trx: Trx, schema: 'public' | typeof SHADOW_SCHEMA): Promise<void> {
  for (const provider of ['haku', 'runsignup'] as const) await distrustRegistrations(trx, schema, provider)
  for (const [table, hash] of Object.entries(REDISCOVERED))
    await sql`UPDATE ${sql.id(schema, table)} e SET ${sql.ref(hash)} = NULL
      WHERE ${sql.ref(hash)} IS NOT NULL AND ${sql.raw(isForeign('e'))}`.execute(trx)
}

async function distrustRegistrations(
  trx: Trx,
  schema: 'public' | typeof SHADOW_SCHEMA,
  provider: ProviderName,
): Promise<void> {
  const { table, list, content } = participantTable(provider)
  const bib = sql.ref(content.bib_number?.column ?? 'bib_number')
  await sql`
    WITH theirs AS (
      UPDATE ${sql.id(schema, table)} p SET mapping_version = NULL, row_hash = NULL, raw_data = NULL,
        list_fingerprint = NULL, list_pass = NULL, detail_of = NULL, detail_read_at = NULL, detail_attempts = 0,
        detail_not_before = NULL, source_updated_at = NULL,
        provider_bib = CASE WHEN provider_bib IS NOT DISTINCT FROM ${bib} THEN provider_bib END
      WHERE ${sql.raw(isOverwritten('p'))}
      RETURNING timing_partner_id, ${sql.ref(list)}::text AS list
    )
    UPDATE sync_state t SET watermark = NULL, head = NULL, pass = NULL, replan_at = '-infinity'
    FROM (SELECT DISTINCT timing_partner_id, list FROM theirs) h
    JOIN partner_sync s
      ON s.provider = ${provider} AND s.timing_partner_id = h.timing_partner_id AND s.event_id = h.list
    JOIN ${sql.id(SHADOW_SCHEMA, PASSES)} b ON b.account_id = s.account_id AND b.event_id = s.event_id
    WHERE t.account_id = s.account_id AND t.event_id = s.event_id AND t.last_pass = b.last_pass`.execute(trx)
}
