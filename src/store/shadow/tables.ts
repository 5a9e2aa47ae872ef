import { type Kysely, sql } from 'kysely'
import type { Trx } from '../database.ts'
import { rankOf } from '../participants/set-aside.ts'
import type { Database } from '../schema.ts'

/**
 * The schema in front of `public` that holds startlist's own copies of the legacy tables while an installation is
 * shadowed (ADR 50). It exists just as long, so every session of every process sees the same at the same moment.
 */
export const SHADOW_SCHEMA = 'startlist_shadow'

/** The last pass over each list, and where each feed ended, when the shadow began. */
export const PASSES = 'passes'
export const FEEDS = 'feeds'

/** A legacy table that startlist writes. */
export interface ShadowedTable {
  table: string
  /** What makes two rows the same. */
  key: readonly string[]
  /** Columns that a row gets anew in the table that it moves to. */
  numbered: readonly string[]
  /** Which legacy rows `p` startlist works with. */
  copies: string
  /** Which rows of the shadow are startlist's by now. */
  merges: string
  /** What legacy programs and startlist both change: only what changed in the shadow is taken over, column by column. */
  isShared: boolean
}

const DECIDED = `cadence IS NOT NULL OR bib_authority <> 'provider'`

/** Parents before children. */
export const SHADOWED: readonly ShadowedTable[] = [
  { ...table('timing_partners', ['timing_partner_id']), isShared: true },
  { ...table('partner_provider_credentials', ['partner_provider_credential_id']), isShared: true },
  // What was not discovered is the scripts' row as it was copied, unless a person decided something about it.
  {
    ...table('haku_events', ['timing_partner_id', 'event_id']),
    merges: `row_hash IS NOT NULL OR ${DECIDED} OR override_start IS NOT NULL OR override_timezone IS NOT NULL`,
  },
  {
    ...table('runsignup_races', ['timing_partner_id', 'race_id']),
    merges: `raw_data IS NOT NULL OR ${DECIDED}`,
  },
  {
    ...table('runsignup_events', ['timing_partner_id', 'event_id']),
    merges: 'row_hash IS NOT NULL OR override_start IS NOT NULL OR override_timezone IS NOT NULL',
  },
  participants('haku_participants', 'participant_id'),
  {
    ...participants('runsignup_participants', 'registration_id'),
    // The scripts add whoever goes over to another event of the race there, and leave the row in the old one.
    copies: `registration_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.runsignup_participants o
      WHERE o.timing_partner_id = p.timing_partner_id AND o.race_id = p.race_id
        AND o.registration_id = p.registration_id AND o.id <> p.id AND ${rankOf('o')} > ${rankOf('p')})`,
  },
  // The scripts plan by these rows: a run of ours among theirs would make them skip one.
  { ...table('sync_history', ['sync_history_id']), copies: 'started_at IS NOT NULL' },
]

function table(name: string, key: readonly string[]): ShadowedTable {
  return { table: name, key, numbered: [], copies: 'true', merges: 'true', isShared: false }
}

function participants(name: string, number: string): ShadowedTable {
  return {
    table: name,
    key: ['event_id', number, 'timing_partner_id'],
    numbered: ['id'],
    isShared: false,
    copies: `${number} IS NOT NULL`,
    // What no pass has met is the scripts' row as it was copied; theirs may be newer (M5).
    merges: 'mapping_version IS NOT NULL',
  }
}

/** Since when the legacy tables are left alone, as an ISO instant; null while startlist works in them. */
export async function shadowedSince(db: Kysely<Database>): Promise<string | null> {
  const { rows: found } = await sql<{ is: boolean }>`
    SELECT to_regclass(${`${SHADOW_SCHEMA}.shadow`}) IS NOT NULL AS is`.execute(db)
  if (found[0]?.is !== true) return null
  const { rows } = await sql<{
    at: string
  }>`SELECT began_at AS at FROM ${sql.table(`${SHADOW_SCHEMA}.shadow`)}`.execute(db)
  return rows[0]?.at ?? null
}

/** Columns that can be written, in their order. */
export async function columnsOf(trx: Trx, name: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT attname::text AS name FROM pg_attribute
    WHERE attrelid = ${`public.${name}`}::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum`.execute(trx)
  return rows.map((row) => row.name)
}

/** A shared table as it was when the shadow began. */
export const before = (table: string) => sql.id(SHADOW_SCHEMA, `before_${table}`)

export const refs = (names: readonly string[], alias?: string) =>
  sql.join(names.map((name) => sql.ref(alias === undefined ? name : `${alias}.${name}`)))
