import { type Kysely, sql } from 'kysely'
import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import { asDatabaseError, sqlState } from '../database-error.ts'
import type { Database } from '../schema.ts'
import { isGentle, type Statement, type Unit } from './unit.ts'

/** How a step behaves beside readers and writers. */
export interface Patience {
  /**
   * Longest wait for a lock that blocks others, ms. Whoever comes after a waiting lock waits as well, so this is what
   * a reader may feel. Less than PostgreSQL's `deadlock_timeout` (1 s): in a circle it is us who give way.
   */
  lockTimeoutMs: number
  /** How often a unit is tried again after that, with pauses that grow to `longestPauseMs`. */
  tries: number
  longestPauseMs: number
}

export const PATIENCE: Patience = { lockTimeoutMs: 500, tries: 60, longestPauseMs: 5_000 }

/** lock_not_available, deadlock_detected. */
const LOCKED = new Set(['55P03', '40P01'])

/** Whether somebody held a lock for longer than was to be waited, or in a circle. */
export const isLockedOut = (error: unknown): boolean => LOCKED.has(sqlState(error) ?? '')

interface Use {
  clock: Clock
  patience: Patience
}

/** Runs a unit; while somebody holds a lock that it needs, it gives way and tries again. */
export async function runUnit(db: Kysely<Database>, unit: Unit, use: Use): Promise<void> {
  const tables = [...new Set(unit.statements.flatMap((statement) => statement.tables))]
  await patiently(db, { about: unit.about, tables }, use, () => once(db, unit, use.patience.lockTimeoutMs))
}

/**
 * Does `work` again whenever it was refused a lock, until it comes through.
 * @param on what it is about and which tables it locks, to say who was in the way
 * @throws StartlistError LOCKED_OUT when patience is at its end
 */
export async function patiently<T>(
  db: Kysely<Database>,
  on: { about: string; tables: readonly string[] },
  { clock, patience }: Use,
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!isLockedOut(error)) throw error
      if (tries >= patience.tries) throw await lockedOut(db, on, error)
      await clock.sleep(Math.min(100 * 2 ** (tries - 1), patience.longestPauseMs))
    }
  }
}

async function once(db: Kysely<Database>, unit: Unit, lockTimeoutMs: number): Promise<void> {
  const executeAll = async (session: Kysely<Database>) => {
    for (const statement of unit.statements) await execute(session, statement, lockTimeoutMs)
  }
  if (unit.transaction) await db.transaction().execute(executeAll)
  else await executeAll(db)
}

/** A statement that blocks nobody may wait as long as it likes: an index built CONCURRENTLY outwaits every transaction. */
export async function execute(
  db: Kysely<Database>,
  statement: Statement,
  lockTimeoutMs: number,
): Promise<void> {
  const wait = isGentle(statement) ? 0 : lockTimeoutMs
  await sql`SELECT set_config('lock_timeout', ${String(wait)}, false)`.execute(db)
  await sql.raw(statement.sql).execute(db)
}

async function lockedOut(
  db: Kysely<Database>,
  { about, tables }: { about: string; tables: readonly string[] },
  cause: unknown,
): Promise<StartlistError> {
  const { rows } = await sql<{ pid: number; application: string }>`
    SELECT DISTINCT l.pid, coalesce(nullif(a.application_name, ''), 'unnamed') AS application
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.relation = ANY (SELECT to_regclass(t)::oid FROM unnest(${tables}::text[]) t)
      AND l.granted AND l.pid <> pg_backend_pid()`.execute(db)
  const holders = rows.map(({ pid, application }) => `${application} (pid ${pid})`).join(', ')
  return new StartlistError(
    'LOCKED_OUT',
    `${about}: ${holders === '' ? 'another session' : holders} holds a lock on ${tables.join(', ') || 'the schema'}`,
    { cause: asDatabaseError(cause) },
  )
}
