import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Db, Trx } from '../database.ts'
import { sqlState } from '../database-error.ts'
import { shadowGrants } from '../isolation/grants.ts'
import { isolated } from '../isolation/policies.ts'
import { bindViews, copyTriggers } from './bind.ts'
import { before, columnsOf, refs, SHADOW_SCHEMA, SHADOWED, shadowedSince } from './tables.ts'

/** insufficient_privilege */
const NO_RIGHT = '42501'

/**
 * From its commit on, every process reads and writes copies of the legacy tables, and none of those tables any more.
 * The scripts that write them are not waited for, nor do they wait.
 *
 * @returns false when the installation is shadowed already
 * @throws StartlistError RIGHTS_MISSING when this role may not make a schema
 */
export async function beginShadow(db: Db): Promise<boolean> {
  try {
    return await db.transaction().setIsolationLevel('repeatable read').execute(begin)
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT) throw error
    throw new StartlistError('RIGHTS_MISSING', 'This role may not make a schema in the database.', {
      hint: 'As an administrator: GRANT CREATE ON DATABASE ... TO the owner of the tables.',
      cause: error,
    })
  }
}

async function begin(trx: Trx): Promise<boolean> {
  // A million registrations take longer than a statement may otherwise.
  await sql`SET LOCAL statement_timeout = 0`.execute(trx)
  // A page that is being written holds its lane's row (D1): it ends in the tables that it began in.
  await sql`LOCK TABLE lanes IN EXCLUSIVE MODE`.execute(trx)
  if ((await shadowedSince(trx)) !== null) return false
  await sql`CREATE SCHEMA ${sql.id(SHADOW_SCHEMA)}`.execute(trx)
  await sql`CREATE TABLE ${sql.id(SHADOW_SCHEMA, 'shadow')} AS SELECT startlist.clock() AS began_at`.execute(
    trx,
  )
  for (const { table, copies, isShared } of SHADOWED) {
    const copy = sql.id(SHADOW_SCHEMA, table)
    const original = sql.id('public', table)
    const columns = refs(await columnsOf(trx, table))
    // Numbers come from the legacy table's sequence, so that a row keeps its own when it moves there.
    await sql`CREATE TABLE ${copy} (LIKE ${original} INCLUDING ALL)`.execute(trx)
    await sql`INSERT INTO ${copy} (${columns}) SELECT ${columns} FROM ${original} p WHERE ${sql.raw(copies)}`.execute(
      trx,
    )
    if (isShared) await sql`CREATE TABLE ${before(table)} AS TABLE ${original}`.execute(trx)
    await copyTriggers(trx, table)
    for (const statement of isolated(`${SHADOW_SCHEMA}.${table}`, 'partner'))
      await sql.raw(statement).execute(trx)
  }
  await bindViews(trx, 'shadow')
  for (const statement of shadowGrants(SHADOW_SCHEMA)) await sql.raw(statement).execute(trx)
  return true
}
