import { type RawBuilder, sql } from 'kysely'
import { fieldsToldBy } from '../../domain/frozen.ts'
import type { Content } from '../../domain/row.ts'
import type { Db, Trx } from '../database.ts'
import { keepFromFreezing } from './lock.ts'

/** Why something was taken out of a frozen list: privacy goes before proof. */
export type ErasedBy = 'forget' | 'retention' | 'kept'

/** Rows of frozen lists. */
export type FrozenOf =
  | { provider: string; registrations: readonly string[] }
  | { provider: string; partnerId: number; listId: string }

const rowsOf = (of: FrozenOf): RawBuilder<unknown> =>
  'registrations' in of
    ? sql`provider = ${of.provider} AND registration = ANY (${of.registrations}::text[])`
    : sql`provider = ${of.provider} AND timing_partner_id = ${of.partnerId} AND list_id = ${of.listId}`

/** How many rows of frozen lists are about these registrations. */
export async function countFrozen(db: Db | Trx, of: FrozenOf): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*)::int AS n FROM freeze_rows WHERE ${rowsOf(of)}`.execute(db)
  return rows[0]?.n ?? 0
}

/**
 * Takes what these columns tell out of frozen lists, with the salt of each row that it is taken out of. Rows, bibs, and the
 * hashes that were signed stay: the freeze goes on to prove all others.
 */
export async function eraseFrozen(
  trx: Trx,
  of: FrozenOf,
  columns: readonly (keyof Content)[],
  by: ErasedBy,
): Promise<void> {
  const fields = fieldsToldBy(columns)
  if (fields.length === 0) return
  await keepFromFreezing(trx)
  const nothing = JSON.stringify(Object.fromEntries(fields.map((field) => [field, null])))
  await sql`UPDATE freeze_rows SET line = line || ${nothing}::jsonb, salt = NULL, erased = ${by}
    WHERE ${rowsOf(of)} AND jsonb_strip_nulls(line) ?| ${fields}::text[]`.execute(trx)
}
