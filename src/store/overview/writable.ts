import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Db } from '../database.ts'
import type { ParticipantTable } from '../participants/table.ts'

/**
 * Proves that pages could be stored before a call is spent on one: the key that rows are merged by is there, the role
 * may write, and the server is no standby. Plans the statement and writes nothing.
 * @throws StartlistError `DATABASE_READONLY`, `SCHEMA_MISSING`, or what the database says
 */
export async function assertWritable(db: Db, shape: ParticipantTable): Promise<void> {
  const key = sql.ref(shape.key)
  try {
    await db.transaction().execute(async (trx) => {
      // Planning finds the unique key; its start, which EXPLAIN makes as well, asks for the rights.
      await sql`EXPLAIN INSERT INTO ${sql.table(shape.table)} (timing_partner_id, event_id, ${key})
        SELECT NULL, NULL, NULL WHERE false
        ON CONFLICT (event_id, ${key}, timing_partner_id) DO UPDATE SET fetched_at = excluded.fetched_at`.execute(
        trx,
      )
      // Without a row to change, and refused all the same where nothing may be written.
      await sql`UPDATE sync_state SET failures = failures WHERE false`.execute(trx)
      await sql`UPDATE lanes SET fence = fence WHERE false`.execute(trx)
    })
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code === '25006')
      throw new StartlistError('DATABASE_READONLY', 'the database takes no writing', { cause: error })
    if (code === '42P10')
      throw new StartlistError(
        'SCHEMA_MISSING',
        `${shape.table} lacks the unique key that registrations are merged by`,
        {
          cause: error,
          hint: 'startlist migrate --check says what is missing; startlist migrate makes it.',
        },
      )
    if (code === '42501')
      throw new StartlistError('RIGHTS_MISSING', `this role may not write to ${shape.table}`, {
        cause: error,
      })
    throw error
  }
}
