import { type RawBuilder, sql } from 'kysely'
import type { JsonObject } from '../../src/domain/json.ts'
import type { Db } from '../../src/store/database.ts'
import type { Contender } from './contender.ts'

/** One walk over the event. */
export interface Walk {
  rows: number
  pages: number
  /** Before the database is asked: keys and fingerprints, or mapping and hashes. */
  prepareMs: number
  /** The transactions. */
  writeMs: number
}

/** Takes a contender through all pages. */
export async function walk(
  contender: Contender,
  records: readonly JsonObject[],
  pageSize: number,
): Promise<Walk> {
  contender.beginPass()
  const result: Walk = { rows: records.length, pages: 0, prepareMs: 0, writeMs: 0 }
  for (let from = 0; from < records.length; from += pageSize) {
    const began = performance.now()
    const write = contender.prepare(records.slice(from, from + pageSize))
    const prepared = performance.now()
    await write()
    result.prepareMs += prepared - began
    result.writeMs += performance.now() - prepared
    result.pages++
  }
  return result
}

/** What a walk left behind in the database. */
export interface Traces {
  walBytesPerPage: number
  /** Rows of `haku_participants` inserted, updated or deleted by the sessions of `db`. */
  tuplesWritten: number
}

/** A walk right after a checkpoint, when the first touch of every page costs its full image in the WAL. */
export async function walkTraced(
  db: Db,
  contender: Contender,
  records: readonly JsonObject[],
  pageSize: number,
): Promise<Traces> {
  await sql`VACUUM haku_participants`.execute(db)
  // Not the first quiet walk after a change: that one still marks in the index what the change left dead.
  await walk(contender, records, pageSize)
  await sql`CHECKPOINT`.execute(db)
  const before = await counters(db)
  const { pages } = await walk(contender, records, pageSize)
  const after = await counters(db)
  return {
    walBytesPerPage: (after.wal - before.wal) / pages,
    tuplesWritten: after.tuples - before.tuples,
  }
}

async function counters(db: Db): Promise<{ wal: number; tuples: number }> {
  // Sessions report their counts only now and then; this one is told to. What rivals write comes later and is not read.
  await sql`SELECT pg_stat_force_next_flush()`.execute(db)
  const wal = await one<{ wal: string }>(db, sql`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal`)
  const written = await one<{ tuples: number }>(
    db,
    sql`SELECT (n_tup_ins + n_tup_upd + n_tup_del)::float8 AS tuples
      FROM pg_stat_user_tables WHERE relname = 'haku_participants'`,
  )
  return { wal: Number(wal.wal), tuples: written.tuples }
}

async function one<T>(db: Db, query: RawBuilder<unknown>): Promise<T> {
  const { rows } = await query.execute(db)
  return rows[0] as T
}
