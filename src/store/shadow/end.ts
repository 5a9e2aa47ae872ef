import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import { appendChanges } from '../changes.ts'
import type { Db, Trx } from '../database.ts'
import { type ParticipantTable, participantTable } from '../participants/table.ts'
import { bindViews } from './bind.ts'
import { settlePlaces } from './places.ts'
import {
  before,
  columnsOf,
  refs,
  SHADOW_SCHEMA,
  SHADOWED,
  type ShadowedTable,
  shadowedSince,
} from './tables.ts'

const PROVIDERS: readonly ProviderName[] = ['haku', 'runsignup']

/** What going live wrote into a legacy table. */
export interface MergedTable {
  table: string
  rows: number
}

/**
 * Moves what was stored in the shadow into the legacy tables, and works there from its commit on, all or nothing and
 * without a call. Rows that startlist never met stay as the scripts left them.
 *
 * @param settle called in the same transaction when the rows are in the legacy tables
 * @returns null when the installation is not shadowed
 */
export async function endShadow(
  db: Db,
  settle: (trx: Trx) => Promise<void>,
): Promise<{ merged: MergedTable[]; localBibs: number } | null> {
  return db.transaction().execute(async (trx) => {
    await sql`SET LOCAL statement_timeout = 0`.execute(trx)
    await sql`LOCK TABLE lanes IN EXCLUSIVE MODE`.execute(trx)
    if ((await shadowedSince(trx)) === null) return null
    const copies = SHADOWED.map(({ table }) => sql.id(SHADOW_SCHEMA, table))
    // Whoever waits for one of them finds the legacy table under its name afterwards.
    await sql`LOCK TABLE ${sql.join(copies)} IN ACCESS EXCLUSIVE MODE`.execute(trx)
    let localBibs = 0
    for (const provider of PROVIDERS) {
      await keepDecisions(trx, participantTable(provider))
      localBibs += await keepBibs(trx, provider)
    }
    await settlePlaces(trx)
    const merged: MergedTable[] = []
    for (const shadowed of SHADOWED) merged.push(await merge(trx, shadowed))
    await removeCredentials(trx)
    await distrustNewSecrets(trx)
    await bindViews(trx, 'legacy')
    const befores = SHADOWED.filter(({ isShared }) => isShared).map(({ table }) => before(table))
    for (const copy of [...befores, ...copies.toReversed()]) await sql`DROP TABLE ${copy}`.execute(trx)
    await sql`DROP TABLE ${sql.id(SHADOW_SCHEMA, 'shadow')}`.execute(trx)
    await sql`DROP SCHEMA ${sql.id(SHADOW_SCHEMA)}`.execute(trx)
    // Lists whose people were taken out of the shadow have them in the legacy tables still.
    await sql`DELETE FROM emptied_lists`.execute(trx)
    await settle(trx)
    return { merged, localBibs }
  })
}

const sameRow = ({ key }: ParticipantTable): RawBuilder<unknown> =>
  sql`l.event_id = s.event_id AND l.timing_partner_id = s.timing_partner_id AND l.${sql.ref(key)} = s.${sql.ref(key)}`

/** A local bib that a person gave to a row that no pass has met. */
async function keepDecisions(trx: Trx, shape: ParticipantTable): Promise<void> {
  const bib = sql.ref(shape.content.bib_number?.column ?? 'bib_number')
  await sql`UPDATE ${sql.id('public', shape.table)} l SET local_bib = s.local_bib, ${bib} = s.${bib}
    FROM ${sql.id(SHADOW_SCHEMA, shape.table)} s
    WHERE ${sameRow(shape)} AND s.mapping_version IS NULL AND s.local_bib IS DISTINCT FROM l.local_bib`.execute(
    trx,
  )
}

/**
 * A bib that somebody assigned in the legacy tables meanwhile is settled as an adopted one is (ADR 30): it stays, as the
 * local bib, where the provider has none or the event's authority is local; unless it is the chip, or the feed says
 * that it was the provider's once.
 */
async function keepBibs(trx: Trx, provider: ProviderName): Promise<number> {
  const shape = participantTable(provider)
  const bib = shape.content.bib_number?.column ?? 'bib_number'
  const key = sql.ref(shape.key)
  const { rows } = await sql<{
    partnerId: number
    list: string
    key: string
    was: string | null
    bib: string
  }>`
    UPDATE ${sql.id(SHADOW_SCHEMA, shape.table)} s SET local_bib = l.${sql.ref(bib)}, ${sql.ref(bib)} = l.${sql.ref(bib)}
    FROM ${sql.id('public', shape.table)} l, ${sql.id(SHADOW_SCHEMA, shape.table)} was
    WHERE ${sameRow(shape)} AND was.id = s.id AND was.timing_partner_id = s.timing_partner_id
      AND s.mapping_version IS NOT NULL AND l.mapping_version IS NULL AND s.local_bib IS NULL
      AND l.${sql.ref(bib)} <> '' AND l.${sql.ref(bib)} IS DISTINCT FROM s.${sql.ref(bib)}
      AND l.${sql.ref(bib)} IS DISTINCT FROM s.chip_number AND l.${sql.ref(bib)} IS DISTINCT FROM s.provider_bib
      AND (s.provider_bib IS NULL OR EXISTS (SELECT FROM startlist.list_events e
        WHERE e.provider = ${provider} AND e.timing_partner_id = s.timing_partner_id
          AND e.event_id = s.event_id::text AND e.bib_authority = 'local'))
      AND NOT EXISTS (SELECT FROM participant_changes c
        WHERE c.provider = ${provider} AND c.timing_partner_id = s.timing_partner_id
          AND c.event_id = s.${sql.ref(shape.list)}::text AND c.participant_id = s.${key}::text
          AND l.${sql.ref(bib)} IN (c.fields->'bib_number'->>0, c.fields->'provider_bib'->>0))
    RETURNING s.timing_partner_id AS "partnerId", s.${sql.ref(shape.list)}::text AS list, s.${key}::text AS key,
      was.${sql.ref(bib)} AS was, s.${sql.ref(bib)} AS bib`.execute(trx)
  for (const [, changed] of Map.groupBy(rows, ({ partnerId, list }) => `${partnerId} ${list}`)) {
    const { partnerId, list } = changed[0]!
    await appendChanges(
      trx,
      { provider, partnerId, eventId: list },
      null,
      changed.map((row) => ({
        key: row.key,
        change: 'changed' as const,
        fields: { bib_number: [row.was, row.bib] as [string | null, string] },
        sourceUpdatedAt: null,
      })),
    )
  }
  return rows.length
}

/** Rows that are equal already are not written. */
async function merge(trx: Trx, shadowed: ShadowedTable): Promise<MergedTable> {
  const { table, key, numbered, merges, isShared } = shadowed
  const columns = (await columnsOf(trx, table)).filter((name) => !numbered.includes(name))
  const content = columns.filter((name) => !key.includes(name))
  const target = sql.id('public', table)
  const source = sql.id(SHADOW_SCHEMA, table)
  const updated = isShared ? await takeOverChanges(trx, shadowed, content) : 0
  const names = refs(columns)
  const updates = content.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`)
  const onConflict = isShared
    ? sql`DO NOTHING`
    : sql`DO UPDATE SET ${sql.join(updates)}
      WHERE (${refs(content, 'l')}) IS DISTINCT FROM (${refs(content, 'excluded')})`
  const { numAffectedRows } = await sql`
    INSERT INTO ${target} AS l (${names}) SELECT ${names} FROM ${source} WHERE ${sql.raw(merges)}
    ON CONFLICT (${refs(key)}) ${onConflict}`.execute(trx)
  return { table, rows: updated + Number(numAffectedRows ?? 0n) }
}

/** Of a table that legacy programs change as well, a column is taken over where it changed in the shadow. */
async function takeOverChanges(
  trx: Trx,
  { table, key }: ShadowedTable,
  content: readonly string[],
): Promise<number> {
  const isSame = (a: string, b: string) =>
    sql.join(
      key.map((name) => sql`${sql.ref(`${a}.${name}`)} = ${sql.ref(`${b}.${name}`)}`),
      sql` AND `,
    )
  const changed = content.map((name) => {
    const [mine, was, theirs] = [sql.ref(`s.${name}`), sql.ref(`b.${name}`), sql.ref(`l.${name}`)]
    return sql`${sql.ref(name)} = CASE WHEN ${mine} IS DISTINCT FROM ${was} THEN ${mine} ELSE ${theirs} END`
  })
  const { numAffectedRows } = await sql`
    UPDATE ${sql.id('public', table)} l SET ${sql.join(changed)}
    FROM ${sql.id(SHADOW_SCHEMA, table)} s, ${before(table)} b
    WHERE ${isSame('l', 's')} AND ${isSame('b', 's')}
      AND (${refs(content, 's')}) IS DISTINCT FROM (${refs(content, 'b')})`.execute(trx)
  return Number(numAffectedRows ?? 0n)
}

/** What a person removed in the shadow. */
async function removeCredentials(trx: Trx): Promise<void> {
  const name = 'partner_provider_credentials'
  await sql`DELETE FROM ${sql.id('public', name)} l USING ${before(name)} b
    WHERE b.partner_provider_credential_id = l.partner_provider_credential_id
      AND NOT EXISTS (SELECT FROM ${sql.id(SHADOW_SCHEMA, name)} s
        WHERE s.partner_provider_credential_id = l.partner_provider_credential_id)`.execute(trx)
}

/** A secret that was changed in the legacy table meanwhile has not proven itself (S1). */
async function distrustNewSecrets(trx: Trx): Promise<void> {
  const name = 'partner_provider_credentials'
  await sql`UPDATE ${sql.id('public', name)} l SET proven_at = NULL, state = 'Untested', state_reason = NULL
    FROM ${sql.id(SHADOW_SCHEMA, name)} s
    WHERE l.partner_provider_credential_id = s.partner_provider_credential_id
      AND l.secret IS DISTINCT FROM s.secret`.execute(trx)
}
