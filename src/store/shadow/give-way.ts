import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Trx } from '../database.ts'
import { attempt } from '../savepoint.ts'
import { isLockedOut, PATIENCE } from '../steps/run-unit.ts'

/**
 * Takes locks that shut others out. Where one of them is in its way it lets all of them pass and tries again, so that
 * nobody waits behind it for long and what the transaction did before is not lost to a circle of waiting.
 *
 * @throws StartlistError LOCKED_OUT when somebody stays in its way for minutes
 */
export async function givingWay(trx: Trx, work: () => Promise<void>): Promise<void> {
  const { lockTimeoutMs, tries, longestPauseMs } = PATIENCE
  for (let n = 1; ; n++) {
    const { rows } = await sql<{ was: string }>`SELECT current_setting('lock_timeout') AS was`.execute(trx)
    const done = await attempt(trx, async () => {
      await lockTimeout(trx, String(lockTimeoutMs))
      await work()
      await lockTimeout(trx, rows[0]!.was)
    })
    if (done.ok) return
    if (!isLockedOut(done.error)) throw done.error
    if (n >= tries)
      throw new StartlistError('LOCKED_OUT', "A session that uses startlist's tables does not end.", {
        hint: 'End that session (pg_stat_activity names it) and try again: nothing was changed.',
        cause: done.error,
      })
    await sql`SELECT pg_sleep(${Math.min(100 * 2 ** (n - 1), longestPauseMs) / 1_000}::float8)`.execute(trx)
  }
}

const lockTimeout = (trx: Trx, value: string) =>
  sql`SELECT set_config('lock_timeout', ${value}, true)`.execute(trx)
