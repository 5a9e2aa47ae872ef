import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Db, Trx } from '../database.ts'
import { sqlState } from '../database-error.ts'
import { shadowGrants } from '../isolation/grants.ts'
import { isolated } from '../isolation/policies.ts'
import { bindViews, copyTriggers } from './bind.ts'
import { givingWay } from './give-way.ts'
import { before, columnsOf, FEEDS, PASSES, refs, SHADOW_SCHEMA, SHADOWED, shadowedSince } from './tables.ts'
import { distrustTheirs } from './theirs.ts'
import { awaitWriters } from './writers.ts'

/** insufficient_privilege */
const NO_RIGHT = '42501'
/** serialization_failure: a person asked for a list in this very moment. */
const BEATEN = '40001'
const MOST_TRIES = 3

/**
 * From its commit on, every process reads and writes copies of the legacy tables, and none of those tables any more.
 * The scripts that write them are not waited for, nor do they wait.
 *
 * @returns false when the installation is shadowed already
 * @throws StartlistError RIGHTS_MISSING when this role may not make a schema
 */
export async function beginShadow(db: Db): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().setIsolationLevel('repeatable read').execute(begin)
    } catch (error) {
      const state = sqlState(error)
      if (state === BEATEN && tries < MOST_TRIES) continue
      if (state !== NO_RIGHT) throw error
      throw new StartlistError('RIGHTS_MISSING', 'This role may not make a schema in the database.', {
        hint: 'As an administrator: GRANT CREATE ON DATABASE ... TO the owner of the tables.',
        cause: error,
      })
    }
  }
}

async function begin(trx: Trx): Promise<boolean> {
  await awaitWriters(trx)
  if ((await shadowedSince(trx)) !== null) return false
  await sql`CREATE SCHEMA ${sql.id(SHADOW_SCHEMA)}`.execute(trx)
  await sql`CREATE TABLE ${sql.id(SHADOW_SCHEMA, 'shadow')} AS SELECT startlist.clock() AS began_at`.execute(
    trx,
  )
  await sql`CREATE TABLE ${sql.id(SHADOW_SCHEMA, PASSES)} AS
    SELECT account_id, event_id, last_pass FROM sync_state`.execute(trx)
  await sql`CREATE TABLE ${sql.id(SHADOW_SCHEMA, FEEDS)} AS
    SELECT provider, timing_partner_id, event_id, feed_position FROM partner_sync`.execute(trx)
  for (const { table, copies, isShared } of SHADOWED) {
    const copy = sql.id(SHADOW_SCHEMA, table)
    const original = sql.id('public', table)
    const columns = refs(await columnsOf(trx, table))
    // Numbers come from the legacy table's sequence, so that a row keeps its own when it moves there.
    await sql`CREATE TABLE ${copy} (LIKE ${original} INCLUDING ALL)`.execute(trx)
    await sql`INSERT INTO ${copy} (${columns}) SELECT ${columns} FROM ${original} p WHERE ${sql.raw(copies)}`.execute(
      trx,
    )
    await sql`ANALYZE ${copy}`.execute(trx)
    if (isShared) await sql`CREATE TABLE ${before(table)} AS TABLE ${original}`.execute(trx)
    await copyTriggers(trx, table)
    for (const statement of isolated(`${SHADOW_SCHEMA}.${table}`, 'partner'))
      await sql.raw(statement).execute(trx)
  }
  await distrustTheirs(trx, SHADOW_SCHEMA)
  await givingWay(trx, () => bindViews(trx, 'shadow'))
  for (const statement of shadowGrants(SHADOW_SCHEMA)) await sql.raw(statement).execute(trx)
  return true
}
