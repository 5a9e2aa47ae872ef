import { sql } from 'kysely'
import { z } from 'zod'
import { StartlistError } from '../../domain/errors.ts'
import type { FrozenRow, Manifest } from '../../domain/frozen.ts'
import type { StartListState } from '../../domain/start-list.ts'
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

/** A freeze that says of itself what cannot be: somebody changed it in the database. */
export interface DamagedFreeze extends Omit<Freeze, 'state' | 'frozenAt'> {
  state: null
  frozenAt: number | null
  /** As its row is filed: not what was signed. */
  eventId: string
  partnerId: number
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

type Row = Omit<DamagedFreeze, 'state' | 'frozenAt'> & { state: unknown; frozenAt: number }

/** Freezes, newest first. One that is damaged hides no other. */
export async function listFreezes(db: Db | Trx, of: FreezesOf = {}): Promise<(Freeze | DamagedFreeze)[]> {
  const {
    partnerId = null,
    provider = null,
    eventId = null,
    freezeId = null,
    before = null,
    limit = 10_000,
  } = of
  const { rows } = await sql<Row>`
    SELECT f.freeze_id::float8 AS "freezeId", (extract(epoch FROM f.frozen_at) * 1000)::float8 AS "frozenAt",
      f.frozen_by AS "frozenBy", f.state, f.rows, f.sha256, f.rows_sha256 AS "rowsSha256", f.signature,
      f.event_id AS "eventId", f.timing_partner_id AS "partnerId",
      (SELECT count(*)::int FROM freeze_rows r WHERE r.freeze_id = f.freeze_id AND r.erased IS NOT NULL) AS erased
    FROM freezes f
    WHERE (${partnerId}::int IS NULL OR f.timing_partner_id = ${partnerId})
      AND (${provider}::text IS NULL OR f.provider = ${provider})
      AND (${eventId}::text IS NULL OR ${eventId} IN (f.list_id, f.event_id))
      AND (${freezeId}::bigint IS NULL OR f.freeze_id = ${freezeId})
      AND (${before}::bigint IS NULL OR f.freeze_id < ${before})
    ORDER BY f.freeze_id DESC LIMIT ${limit}`.execute(db)
  return rows.map(freezeOf)
}

function freezeOf({ eventId, partnerId, frozenAt, state, ...row }: Row): Freeze | DamagedFreeze {
  const isInstant = Math.abs(frozenAt) <= LATEST_MS
  // What was signed is the state as it is stored, and not what a schema makes of it.
  if (isInstant && State.safeParse(state).success) return { ...row, frozenAt, state: state as StartListState }
  return { ...row, eventId, partnerId, frozenAt: isInstant ? frozenAt : null, state: null }
}

/** The latest instant that a date of JavaScript can be, ms. */
const LATEST_MS = 8.64e15

const text = z.string()
const State: z.ZodType<StartListState> = z.object({
  event: z.object({
    ...{ provider: text, partnerId: z.int(), listId: text, eventId: text, name: text },
    ...{ startsAt: text.nullable(), startDay: text.nullable(), timezone: text.nullable() },
  }),
  ...{ at: text, position: z.int(), registrations: z.int(), pending: z.int(), bibsAsOf: text.nullable() },
})

/**
 * One freeze.
 * @throws StartlistError NO_SUCH_FREEZE, FREEZE_BROKEN
 */
export async function findFreeze(db: Db | Trx, freezeId: number, of: FreezesOf = {}): Promise<Freeze> {
  const [freeze] = await listFreezes(db, { ...of, freezeId })
  if (freeze === undefined) throw noSuchFreeze(freezeId)
  if (freeze.state !== null) return freeze
  throw new StartlistError('FREEZE_BROKEN', `freeze ${freezeId} is damaged: what it is of cannot be read`, {
    hint: 'Somebody changed it in the database. A backup from before has it; startlist freeze remove removes it.',
  })
}

export function noSuchFreeze(freezeId: number): StartlistError {
  return new StartlistError('NO_SUCH_FREEZE', `there is no freeze ${freezeId}`)
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
