import type { Kysely } from 'kysely'
import { type Clock, systemClock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { readShape } from './adoption/shape.ts'
import { targetNames } from './adoption/target.ts'
import { identifier, isMadeAnew } from './adoption/views.ts'
import type { Db } from './database.ts'
import { sqlState } from './database-error.ts'
import { ours } from './isolation/grants.ts'
import { asMigrationError } from './migrate.ts'
import type { Database } from './schema.ts'
import { replaceStored } from './sealed.ts'
import { shadowedSince } from './shadow/tables.ts'
import { inPublic } from './steps/long-session.ts'
import { withMigrationLock } from './steps/migration-lock.ts'
import { pendingSteps } from './steps/pending.ts'
import { execute, PATIENCE, type Patience, patiently } from './steps/run-unit.ts'
import { type Statement, statement } from './steps/unit.ts'
import { LOSSES, sayInTheWay } from './way-back/in-the-way.ts'
import { planWayBack, type WayBack, type WayBackOptions } from './way-back/plan.ts'
import { asideNames } from './way-back/rows.ts'
import { Shape } from './way-back/shapes.ts'
import { DIFFERS } from './way-back/statements.ts'

/** How an adoption is taken back. */
export interface MigrateDownOptions extends WayBackOptions {
  clock?: Clock
  patience?: Patience
  /** Told before each statement. */
  onStatement?: (statement: Statement) => void | Promise<void>
}

const ABOUT = 'the way back'

/**
 * Gives the legacy tables the shape that adoption found, with every row, and removes all that is startlist's; in one
 * transaction, which proves the shape before it commits (M5). Whoever reads the tables waits as long as it takes.
 *
 * @returns what it did, and what went
 * @throws StartlistError NO_WAY_BACK, SHADOWED, SCHEMA_MISSING, SCHEMA_NEWER, RIGHTS_MISSING, LOCKED_OUT, or DOWN_BLOCKED with
 * what is in the way: then nothing is changed
 */
export async function migrateDown(db: Db, options: MigrateDownOptions): Promise<WayBack> {
  const { clock = systemClock, patience = PATIENCE, onStatement = () => {} } = options
  await assertWhole(db)
  try {
    return await inPublic(db, (connection) =>
      withMigrationLock(connection, clock, async () => {
        // Who is refused has kept nobody waiting. What is found under the locks is what counts.
        assertFree(await planWayBack(connection, options))
        const locks = await lockAll(connection)
        const on = { about: ABOUT, tables: locks.flatMap(({ tables }) => tables) }
        return patiently(connection, on, { clock, patience }, () =>
          connection.transaction().execute(async (trx) => {
            for (const one of locks) await execute(trx, one, patience.lockTimeoutMs)
            const { opened, ...way } = await planWayBack(trx, options)
            assertFree(way)
            for (const { secret, plain } of opened) await replaceStored(trx, secret, plain)
            for (const one of way.unit.statements) {
              await onStatement(one)
              await execute(trx, one, patience.lockTimeoutMs)
            }
            return way
          }),
        )
      }),
    )
  } catch (error) {
    throw blockedByOthers(error) ?? asMigrationError(error)
  }
}

/**
 * Says what {@link migrateDown} would do now, statement by statement, and what is in its way. Counts rows, which takes its
 * time where there are millions, and changes nothing.
 *
 * @throws StartlistError NO_WAY_BACK, SHADOWED, SCHEMA_MISSING, SCHEMA_NEWER
 */
export async function planMigrateDown(db: Db, options: WayBackOptions): Promise<WayBack> {
  await assertWhole(db)
  try {
    return await inPublic(db, (connection) =>
      connection
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (trx) => {
          const { opened: _, ...way } = await planWayBack(trx, options)
          const statements = [...(await lockAll(trx)), ...refusal(way), ...way.unit.statements]
          return { ...way, unit: { ...way.unit, statements } }
        }),
    )
  } catch (error) {
    throw asMigrationError(error)
  }
}

/** A database that is between two steps, of a later release or shadowed has no shape that this one knows. */
async function assertWhole(db: Db): Promise<void> {
  const since = await shadowedSince(db)
  if (since !== null)
    throw new StartlistError('SHADOWED', `The database is shadowed since ${since}.`, {
      hint: 'Nothing was changed. End the shadow first: startlist shadow end or discard (docs/cutover.md).',
    })
  const { pending, later } = await pendingSteps(db)
  if (later.length > 0)
    throw new StartlistError(
      'SCHEMA_NEWER',
      `The database was migrated by a later release: ${later.join(', ')}.`,
    )
  if (pending.length > 0)
    throw new StartlistError(
      'SCHEMA_MISSING',
      `The database is not at this release's schema yet: ${pending.map(({ name }) => name).join(', ')}.`,
    )
}

/**
 * All that is going to be locked, at once: views before the tables that they read, children before parents, as others lock.
 * Nobody writes a row between the look at them and the commit. A view is locked by giving it the owner that it has, for LOCK
 * TABLE would lock whatever it reads as well, tables of others among it.
 */
async function lockAll(db: Kysely<Database>): Promise<Statement[]> {
  const now = new Shape(await readShape(db))
  const views = now.all('view').map(({ name }) => name)
  const isThere = (name: string) => now.find('relation', name, name) !== undefined && !views.includes(name)
  const own = [...ours, ...asideNames].filter((name) => !targetNames.includes(name))
  const tables = [...targetNames.toReversed(), ...own].filter(isThere)
  return [
    ...now
      .all('view')
      .filter(({ name }) => isMadeAnew(`public.${name}`))
      .map(({ name, shape }) => statement(`ALTER VIEW ${name} OWNER TO ${identifier(shape.owner)}`)),
    statement(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`),
  ]
}

/** A script that is run in spite of what stands in the way changes nothing. */
const refusal = ({ inTheWay }: WayBack): Statement[] =>
  inTheWay.length === 0
    ? []
    : [
        statement(`DO $$ BEGIN
    RAISE EXCEPTION 'something is in the way: startlist migrate --down --plan says what';
  END $$`),
      ]

function assertFree({ inTheWay, notOwned }: WayBack): void {
  const kinds = [...new Set(inTheWay.map(({ kind }) => kind))]
  const isLoss = kinds.every((kind) => LOSSES.some((loss) => loss === kind))
  if (inTheWay.length > 0)
    throw new StartlistError(
      'DOWN_BLOCKED',
      `${inTheWay.map(sayInTheWay).join('; ')}.`,
      isLoss
        ? {
            hint: `Nothing was changed. Keep it elsewhere (docs/adoption.md), then add --accept ${kinds.join(',')}.`,
          }
        : {},
    )
  if (notOwned.length > 0)
    throw new StartlistError('RIGHTS_MISSING', `This role does not own ${notOwned.join(', ')}.`, {
      hint: 'startlist migrate --down --plan prints the SQL for an administrator of the database.',
    })
}

/** dependent_objects_still_exist: PostgreSQL names objects there, and no row. */
const NEEDED_BY_OTHERS = '2BP01'

/** What stands in the way and was not foreseen, or that the shape is not the one of before after all. */
function blockedByOthers(error: unknown): StartlistError | null {
  const { message = '', detail } = error as { message?: string; detail?: string }
  const isProof = sqlState(error) === 'P0001' && message.startsWith(DIFFERS)
  if (!isProof && sqlState(error) !== NEEDED_BY_OTHERS) return null
  return new StartlistError('DOWN_BLOCKED', [message, detail].filter(Boolean).join(': '), { cause: error })
}
