import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import { appendChanges } from '../changes.ts'
import type { Trx } from '../database.ts'
import { type ParticipantTable, participantTable } from '../participants/table.ts'
import { SHADOW_SCHEMA } from './tables.ts'
import { isTheirs } from './theirs.ts'

const sameRow = ({ key }: ParticipantTable): RawBuilder<unknown> =>
  sql`l.event_id = s.event_id AND l.timing_partner_id = s.timing_partner_id AND l.${sql.ref(key)} = s.${sql.ref(key)}`

/** A local bib that a person gave to a row that no pass has met. */
export async function keepDecisions(trx: Trx, provider: ProviderName): Promise<void> {
  const shape = participantTable(provider)
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
export async function keepBibs(trx: Trx, provider: ProviderName): Promise<number> {
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
      AND s.mapping_version IS NOT NULL AND ${isTheirs('l')} AND s.local_bib IS NULL
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
