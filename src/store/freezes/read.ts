import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { FrozenRow, Manifest } from '../../domain/frozen.ts'
import type { Db, Trx } from '../database.ts'
import type { ErasedBy } from './erase.ts'

/** A frozen start list, without its rows. Instants in ms since the epoch. */
export interface Freeze extends Manifest {
  freezeId: number
  frozenAt: number
  frozenBy: string
  /** Compact JWS over the {@link Manifest}. */
  signature: string
  /** Rows that something was taken out of since. */
  erased: number
}

/** Which freezes. */
export interface FreezesOf {
  partnerId?: number | undefined
  provider?: string | undefined
  /** A list, or one of the events in it. */
  eventId?: string | undefined
  freezeId?: number | undefined
  /** Only older ones than this. */
  before?: number | undefined
  limit?: number
}

/** Freezes, newest first. */
export async function listFreezes(db: Db | Trx, of: FreezesOf = {}): Promise<Freeze[]> {
  const {
    partnerId = null,
    provider = null,
    eventId = null,
    freezeId = null,
    before = null,
    limit = 10_000,
  } = of
  const { rows } = await sql<Freeze>`
    SELECT f.freeze_id::float8 AS "freezeId", (extract(epoch FROM f.frozen_at) * 1000)::float8 AS "frozenAt",
      f.frozen_by AS "frozenBy", f.state, f.rows, f.sha256, f.rows_sha256 AS "rowsSha256", f.signature,
      (SELECT count(*)::int FROM freeze_rows r WHERE r.freeze_id = f.freeze_id AND r.erased IS NOT NULL) AS erased
    FROM freezes f
    WHERE (${partnerId}::int IS NULL OR f.timing_partner_id = ${partnerId})
      AND (${provider}::text IS NULL OR f.provider = ${provider})
      AND (${eventId}::text IS NULL OR ${eventId} IN (f.list_id, f.event_id))
      AND (${freezeId}::bigint IS NULL OR f.freeze_id = ${freezeId})
      AND (${before}::bigint IS NULL OR f.freeze_id < ${before})
    ORDER BY f.freeze_id DESC LIMIT ${limit}`.execute(db)
  return rows
}

/**
 * One freeze.
 * @throws StartlistError NO_SUCH_FREEZE
 */
export async function findFreeze(db: Db | Trx, freezeId: number, of: FreezesOf = {}): Promise<Freeze> {
  const [freeze] = await listFreezes(db, { ...of, freezeId })
  if (freeze === undefined) throw new StartlistError('NO_SUCH_FREEZE', `there is no freeze ${freezeId}`)
  return freeze
}

/** A row as it is kept. */
export interface KeptRow extends FrozenRow {
  place: number
  erased: ErasedBy | null
}

const BATCH = 1_000

/** Rows of a freeze in their order, in batches. */
export async function* frozenRows(db: Db | Trx, freezeId: number): AsyncGenerator<KeptRow[]> {
  for (let after = -1; ; ) {
    const { rows } = await sql<KeptRow>`
      SELECT place, line, salt, row_sha256 AS hash, erased FROM freeze_rows
      WHERE freeze_id = ${freezeId} AND place > ${after} ORDER BY place LIMIT ${BATCH}`.execute(db)
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return
    after = last.place
  }
}
