import { type KyselyPlugin, sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Db, Trx } from '../database.ts'
import { sqlState } from '../database-error.ts'
import { TENANT_ROLE } from './grants.ts'

/** invalid_parameter_value: there is no such role; insufficient_privilege: this session may not become it. */
const CANNOT_BECOME = new Set(['22023', '42501'])

/**
 * Reads as one timing partner: in a transaction in which PostgreSQL itself shows no row of another one (I1), whatever
 * the statements ask for. It is read only, and may read what grants.ts names; anything else is refused (SQLSTATE
 * 42501). Functions of src/store/overview that start no transaction of their own can be given `trx`; let them name the
 * partner all the same, so that an index can be used.
 *
 * Short work only: a connection is held, and no row that is written meanwhile is waited for.
 *
 * @throws StartlistError ISOLATION_MISSING when the database has not the role for it
 */
export async function asTenant<T>(db: Db, partnerId: number, work: (trx: Trx) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    // One round trip: a short read consists of little else, and many wait for it.
    const began = sql.raw(
      `START TRANSACTION READ ONLY; SET LOCAL startlist.tenant = ${Math.trunc(partnerId)}; SET LOCAL ROLE ${TENANT_ROLE}`,
    )
    let isOver = false
    try {
      await began.execute(connection).catch(refuseIsolation)
      // Kysely has no other way to begin a transaction with statements of one's own.
      const result = await work(connection.withPlugin(until(() => isOver)) as Trx)
      isOver = true
      await sql`COMMIT`.execute(connection)
      return result
    } catch (error) {
      isOver = true
      // A broken connection has nothing to end.
      await sql`ROLLBACK`.execute(connection).catch(() => {})
      throw error
    }
  })
}

/** Refuses what is asked after the end: the connection is the owner's again, and perhaps in another's hands. */
const until = (isOver: () => boolean): KyselyPlugin => ({
  transformQuery({ node }) {
    if (isOver()) throw new StartlistError('INTERNAL', 'a tenant asks after its transaction')
    return node
  },
  transformResult: async ({ result }) => result,
})

/**
 * Reads for whoever asks: as one timing partner, or with null as the owner, who sees all. Either way nothing can be
 * written.
 */
export async function readAs<T>(
  db: Db,
  partnerId: number | null,
  work: (trx: Trx) => Promise<T>,
): Promise<T> {
  if (partnerId !== null) return asTenant(db, partnerId, work)
  return db.transaction().setAccessMode('read only').execute(work)
}

/**
 * Reads as a timing partner until the transaction ends, for what {@link asTenant} cannot hold: a snapshot that is streamed.
 * @throws StartlistError ISOLATION_MISSING
 */
export async function becomeTenant(trx: Trx, partnerId: number): Promise<void> {
  await sql`SELECT set_config('startlist.tenant', ${String(partnerId)}, true),
    set_config('role', ${TENANT_ROLE}, true)`
    .execute(trx)
    .catch(refuseIsolation)
}

/** Tells of a database without the role for it. */
function refuseIsolation(error: unknown): never {
  if (!CANNOT_BECOME.has(sqlState(error) ?? '')) throw error
  throw new StartlistError('ISOLATION_MISSING', 'the database cannot isolate timing partners', {
    cause: error,
  })
}
