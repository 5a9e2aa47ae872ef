import { sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import type { Trx } from '../database.ts'
import { bindViews } from './bind.ts'
import { givingWay } from './give-way.ts'
import { before, FEEDS, PASSES, SHADOW_SCHEMA, SHADOWED, shadowedSince } from './tables.ts'
import { awaitWriters } from './writers.ts'

const copies = SHADOWED.map(({ table }) => sql.id(SHADOW_SCHEMA, table))

/**
 * Both ways out of the shadow begin here: until the commit nobody writes a copy, a page and a person's change alike.
 * Whoever waits to do so finds the legacy table under its name afterwards. Readers go on.
 *
 * @returns false when the installation is not shadowed
 */
export async function holdStill(trx: Trx): Promise<boolean> {
  await awaitWriters(trx)
  if ((await shadowedSince(trx)) === null) return false
  await assertOwner(trx)
  await sql`LOCK TABLE ${sql.join(copies)} IN EXCLUSIVE MODE`.execute(trx)
  return true
}

/** Before rows are moved: who may not drop the schema would notice at the end of it. */
async function assertOwner(trx: Trx): Promise<void> {
  const { rows } = await sql<{ is: boolean }>`SELECT pg_has_role(nspowner, 'USAGE') AS is
    FROM pg_namespace WHERE nspname = ${SHADOW_SCHEMA}`.execute(trx)
  if (rows[0]?.is === true) return
  throw new StartlistError('RIGHTS_MISSING', `This role does not own the schema ${SHADOW_SCHEMA}.`, {
    hint: 'The role that began the shadow ends it: the owner of the tables.',
  })
}

/** Removes the copies: from the commit on the legacy tables are startlist's. The last thing before it, as readers wait. */
export async function leaveShadow(trx: Trx): Promise<void> {
  const befores = SHADOWED.filter(({ isShared }) => isShared).map(({ table }) => before(table))
  await givingWay(trx, async () => {
    await bindViews(trx, 'legacy')
    await sql`LOCK TABLE ${sql.join(copies)} IN ACCESS EXCLUSIVE MODE`.execute(trx)
    const notes = ['shadow', PASSES, FEEDS].map((table) => sql.id(SHADOW_SCHEMA, table))
    for (const copy of [...befores, ...copies.toReversed(), ...notes])
      await sql`DROP TABLE ${copy}`.execute(trx)
    await sql`DROP SCHEMA ${sql.id(SHADOW_SCHEMA)}`.execute(trx)
  })
}
