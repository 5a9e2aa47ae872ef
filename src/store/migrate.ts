import type { Kysely } from 'kysely'
import { type Clock, systemClock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { blockersOf, notOwned } from './adoption/blockers.ts'
import { readCatalogue } from './adoption/catalogue.ts'
import { readViews } from './adoption/views.ts'
import type { Db } from './database.ts'
import { asDatabaseError, sqlState } from './database-error.ts'
import { roles } from './isolation/grants.ts'
import { admitRoles } from './isolation/roles.ts'
import type { Database } from './schema.ts'
import { shadowedSince } from './shadow/tables.ts'
import { inPublic, withoutTimeouts } from './steps/long-session.ts'
import { withMigrationLock } from './steps/migration-lock.ts'
import { beginning, isAdoption, pendingSteps } from './steps/pending.ts'
import { PATIENCE, type Patience, runUnit } from './steps/run-unit.ts'
import type { PlannedStep, Unit } from './steps/unit.ts'

/** How a migration is done. */
export interface MigrateOptions {
  clock?: Clock
  patience?: Patience
  /** Told before each unit of a step begins. */
  onUnit?: (step: string, unit: Unit) => void | Promise<void>
}

/**
 * Brings the database to this release's schema, step by step (M1); nothing to do is no error. What is done stays done
 * when it is cut off, and the next call goes on from there. A second `migrate` waits for the first and then finds
 * nothing to do.
 *
 * @returns the names of the steps that this call applied
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, ADOPTION_BLOCKED, LOCKED_OUT, RIGHTS_MISSING, DATABASE_UNREACHABLE or DATABASE
 */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const pending = await pendingMigrations(db)
  await assertUnshadowed(db, pending)
  try {
    return await inPublic(db, (connection) => {
      const clock = options.clock ?? systemClock
      return withMigrationLock(connection, clock, () => applySteps(connection, { ...options, clock }))
    })
  } catch (error) {
    throw asMigrationError(error)
  }
}

/** A step would change the legacy tables and leave their copies behind. */
async function assertUnshadowed(db: Db, pending: readonly string[]): Promise<void> {
  if (pending.length === 0 || (await shadowedSince(db)) === null) return
  throw new StartlistError(
    'SHADOWED',
    `There is ${pending.join(', ')} to apply, and the database is shadowed.`,
  )
}

/** How often a step is planned anew because rows came in that its plan did not know. */
const MOST_PLANS = 5
/** unique_violation, foreign_key_violation */
const OUTDATED = new Set(['23505', '23503'])

async function applySteps(
  connection: Kysely<Database>,
  { clock, patience = PATIENCE, onUnit = () => {} }: MigrateOptions & { clock: Clock },
): Promise<{ applied: string[] }> {
  const { pending, ending } = await pendingSteps(connection)
  if (pending.some(isAdoption)) await assertAdoptable(connection)
  if (pending.length > 0) await runUnit(connection, beginning, { clock, patience })
  for (const step of pending) {
    for (let plans = 1; ; plans++) {
      try {
        for (const unit of await step.plan(connection)) {
          await onUnit(step.name, unit)
          await runUnit(connection, unit, { clock, patience })
        }
        break
      } catch (error) {
        // A script beside us inserted what the step had just settled: see what there is now, and settle that.
        if (plans >= MOST_PLANS || !isAdoption(step) || !OUTDATED.has(sqlState(error) ?? '')) throw error
      }
    }
  }
  for (const unit of ending) await runUnit(connection, unit, { clock, patience })
  await admitRoles(connection, clock)
  return { applied: pending.map(({ name }) => name) }
}

async function assertAdoptable(connection: Kysely<Database>): Promise<void> {
  const { blockers, notOwned } = await inspect(connection)
  if (blockers.length > 0) throw new StartlistError('ADOPTION_BLOCKED', `${blockers.join('; ')}.`)
  if (notOwned.length > 0)
    throw new StartlistError('RIGHTS_MISSING', `This role does not own ${notOwned.join(', ')}.`)
}

async function inspect(db: Kysely<Database>): Promise<{ blockers: string[]; notOwned: string[] }> {
  const catalogue = await readCatalogue(db)
  return { blockers: blockersOf(catalogue, await readViews(db)), notOwned: notOwned(catalogue) }
}

/** What `migrate` finds to do, and what stands in its way. */
export interface MigrationCheck {
  /** Names of the steps that are to be applied. */
  pending: string[]
  /** What a person has to decide before; nothing is done while there is any. */
  blockers: string[]
  /** Tables that this role may not alter: an administrator runs the SQL instead. */
  notOwned: string[]
}

/**
 * Looks what there is to do, by a few short queries. No lock, no change.
 *
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function checkMigration(db: Db): Promise<MigrationCheck> {
  const { pending } = await pendingSteps(db)
  const found = pending.some(isAdoption) ? await inspect(db) : { blockers: [], notOwned: [] }
  return { pending: pending.map(({ name }) => name), ...found }
}

/**
 * Everything that `migrate` would do to a database as it is now, statement by statement. Counts rows, which takes its
 * time where there are millions, and changes nothing. Of one with blockers nothing can be said.
 *
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function planMigration(db: Db): Promise<PlannedStep[]> {
  try {
    return await withoutTimeouts(db, planSteps)
  } catch (error) {
    throw asDatabaseError(error)
  }
}

async function planSteps(connection: Kysely<Database>): Promise<PlannedStep[]> {
  const { pending, ending } = await pendingSteps(connection)
  const { tables } = await readCatalogue(connection)
  const planned: PlannedStep[] = []
  for (const [i, step] of pending.entries()) {
    const around = {
      before: i === 0 ? [beginning] : [],
      after: i === pending.length - 1 ? [...ending, roles] : [],
    }
    const units = [...around.before, ...(await step.plan(connection)), ...around.after]
    planned.push({ name: step.name, units: units.map((unit) => withoutNewTables(unit, tables)) })
  }
  return planned
}

/** Nobody meets a lock on a table that is not there yet. */
function withoutNewTables(unit: Unit, known: { has(name: string): boolean }): Unit {
  const statements = unit.statements.map((one) => {
    const tables = one.tables.filter((name) => known.has(name))
    return { ...one, tables, lock: tables.length === 0 && one.tables.length > 0 ? null : one.lock }
  })
  return { ...unit, statements }
}

/**
 * The steps that `migrate` would apply, for `migrate --check`. One query, no lock, no change. Steps of a later release
 * are no obstacle as long as they leave to this one what it needs.
 *
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function pendingMigrations(db: Db): Promise<string[]> {
  return (await pendingSteps(db)).pending.map(({ name }) => name)
}

/**
 * Says whether this release can work with the database, before a call is spent (promise 5). One cheap query.
 *
 * @throws StartlistError SCHEMA_MISSING, SCHEMA_NEWER, DATABASE_TOO_OLD, DATABASE_UNREACHABLE or DATABASE
 */
export async function assertSchema(db: Db): Promise<void> {
  const pending = await pendingMigrations(db)
  if (pending.length > 0) {
    throw new StartlistError(
      'SCHEMA_MISSING',
      `The database lacks startlist's schema: ${pending.join(', ')}.`,
    )
  }
}

/** insufficient_privilege */
const NO_RIGHT = '42501'

/** What PostgreSQL refused of a step, or of taking steps back. */
export function asMigrationError(error: unknown): StartlistError {
  const known = asDatabaseError(error)
  return sqlState(error) === NO_RIGHT
    ? new StartlistError('RIGHTS_MISSING', known.message, { cause: error })
    : known
}
