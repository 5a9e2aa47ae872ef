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
  let isShadowed = false
  // Who removes a credential takes the same locks the other way round.
  await givingWay(trx, async () => {
    await awaitWriters(trx)
    isShadowed = (await shadowedSince(trx)) !== null
    if (isShadowed) await sql`LOCK TABLE ${sql.join(copies)} IN EXCLUSIVE MODE`.execute(trx)
  })
  if (!isShadowed) return false
  await assertOwner(trx)
  await assertAlone(trx)
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

/** A view of somebody else on a copy would keep it from being dropped. */
async function assertAlone(trx: Trx): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    SELECT DISTINCT w.ev_class::regclass::text AS name
    FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    JOIN pg_class t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class v ON v.oid = w.ev_class
    WHERE t.relnamespace = ${SHADOW_SCHEMA}::regnamespace AND v.relnamespace <> 'startlist'::regnamespace
    ORDER BY 1`.execute(trx)
  if (rows.length === 0) return
  throw new StartlistError(
    'BAD_INPUT',
    `${rows.map(({ name }) => name).join(', ')} read the shadow's tables.`,
    {
      hint: 'Drop these views, or let them read the legacy tables, and try again: nothing was changed.',
    },
  )
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
