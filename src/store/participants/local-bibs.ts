import { sql } from 'kysely'
import type { Trx } from '../database.ts'
import { inList, type ParticipantTable } from './table.ts'

/** Makes bibs of the older system local ones, row by row: the only local bibs that a pass may write (D3). */
export async function keepLocalBibs(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  bibs: readonly { key: string; bib: string }[],
): Promise<void> {
  if (bibs.length === 0) return
  await sql`
    UPDATE ${sql.table(shape.table)} p SET local_bib = i.bib
    FROM unnest(${bibs.map(({ key }) => key)}::${sql.raw(shape.keyType)}[], ${bibs.map(({ bib }) => bib)}::text[])
      AS i (key, bib)
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND p.${sql.ref(shape.key)} = i.key AND p.local_bib IS NULL`.execute(trx)
}

/** Writes local bibs and the effective ones that follow from them, to rows that are locked (D1). */
export async function setLocalBibs(
  trx: Trx,
  shape: ParticipantTable,
  at: { partnerId: number; eventId: string },
  bibs: readonly { key: string; localBib: string | null; bib: string | null; rowHash: Buffer | null }[],
): Promise<void> {
  if (bibs.length === 0) return
  const effective = sql.ref(shape.content.bib_number?.column ?? 'bib_number')
  await sql`
    UPDATE ${sql.table(shape.table)} p SET local_bib = i.local, ${effective} = i.bib, row_hash = i.hash
    FROM unnest(${bibs.map(({ key }) => key)}::${sql.raw(shape.keyType)}[], ${bibs.map(({ localBib }) => localBib)}::text[],
      ${bibs.map(({ bib }) => bib)}::text[], ${bibs.map(({ rowHash }) => rowHash)}::bytea[]) AS i (key, local, bib, hash)
    WHERE ${inList(shape, at.eventId)} AND p.timing_partner_id = ${at.partnerId}
      AND p.${sql.ref(shape.key)} = i.key`.execute(trx)
}
