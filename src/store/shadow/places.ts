import { sql } from 'kysely'
import { runsignupParticipants } from '../adoption/runsignup.ts'
import type { Trx } from '../database.ts'
import { movedAside, rankOf } from '../participants/set-aside.ts'
import { SHADOW_SCHEMA } from './tables.ts'

const { table, duplicates } = runsignupParticipants
const legacy = sql.id('public', table)
const aside = sql.id('public', duplicates)
const shadow = sql.id(SHADOW_SCHEMA, table)

const isSame = (
  a: string,
  b: string,
) => sql`${sql.ref(`${a}.timing_partner_id`)} = ${sql.ref(`${b}.timing_partner_id`)}
  AND ${sql.ref(`${a}.race_id`)} = ${sql.ref(`${b}.race_id`)} AND ${sql.ref(`${a}.registration_id`)} = ${sql.ref(`${b}.registration_id`)}`

/**
 * A registration has one row in its race, in the event where it is: a page that finds it in two cannot be written. The
 * scripts leave a row in the event that somebody left. That row goes along; where they added one in the new event as
 * well, it is put aside, as adoption does with the older of two (M4).
 */
export async function settlePlaces(trx: Trx): Promise<void> {
  await putAside(trx)
  await sql`UPDATE ${legacy} l SET event_id = s.event_id FROM ${shadow} s
    WHERE ${isSame('l', 's')} AND s.mapping_version IS NOT NULL AND l.event_id <> s.event_id`.execute(trx)
}

async function putAside(trx: Trx): Promise<void> {
  const { rows } = await sql<{ id: number; kept: number }>`
    SELECT id, kept FROM (
      SELECT l.id, first_value(l.id) OVER places AS kept
      FROM ${legacy} l LEFT JOIN ${shadow} s ON ${isSame('l', 's')}
      WHERE EXISTS (SELECT FROM ${legacy} o WHERE ${isSame('o', 'l')} AND o.id <> l.id)
      WINDOW places AS (PARTITION BY l.timing_partner_id, l.race_id, l.registration_id
        ORDER BY coalesce(l.event_id = s.event_id, false) DESC, ${sql.raw(rankOf('l'))} DESC)) AS ranked
    WHERE id <> kept`.execute(trx)
  if (rows.length === 0) return
  await sql`CREATE TABLE IF NOT EXISTS ${aside} (LIKE ${legacy}, why text NOT NULL, moved_at timestamptz NOT NULL)`.execute(
    trx,
  )
  const moving = {
    ...{ shape: { provider: 'runsignup', key: 'registration_id' } as const, from: legacy, into: aside },
    rows: sql`SELECT * FROM unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ kept }) => kept)}::bigint[]) AS r (id, kept)`,
    why: sql`'of an event that the registration left; row ' || kept || ' has it'`,
  }
  await sql`WITH ${movedAside(moving)} SELECT count(*) FROM gone`.execute(trx)
}
