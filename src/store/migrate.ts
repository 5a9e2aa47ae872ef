import { type Kysely, sql } from 'kysely'
import { type Clock, systemClock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import type { Db } from './database.ts'
import { asDatabaseError, sqlState } from './database-error.ts'
import { floor, type Step, steps } from './migrations/index.ts'
import type { Database } from './schema.ts'
import { withMigrationLock } from './steps/migration-lock.ts'
import { PATIENCE, type Patience, runUnit } from './steps/run-unit.ts'
import { recordStep, type SchemaState, schemaState, setFloor, stepTable } from './steps/step-table.ts'
import { type PlannedStep, statement, together, type Unit } from './steps/unit.ts'

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
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, LOCKED_OUT, RIGHTS_MISSING, DATABASE_UNREACHABLE or DATABASE
 */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  await pendingMigrations(db)
  try {
    return await db.connection().execute(async (connection) => {
      // Building an index is one long statement, and has to wait for every transaction that is open.
      const before = await setTimeouts(connection, { statement: '0', lock: '0' })
      try {
        const clock = options.clock ?? systemClock
        return await withMigrationLock(connection, clock, () => applySteps(connection, { ...options, clock }))
      } finally {
        await setTimeouts(connection, before)
      }
    })
  } catch (error) {
    throw asMigrationError(error)
  }
}

interface Timeouts {
  statement: string
  lock: string
}

/** Returns what was in force before. */
async function setTimeouts(
  db: Kysely<Database>,
  { statement: statementMs, lock }: Timeouts,
): Promise<Timeouts> {
  const { rows } = await sql<Timeouts>`
    WITH before AS MATERIALIZED (
      SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock
    )
    SELECT before.*, set_config('statement_timeout', ${statementMs}, false), set_config('lock_timeout', ${lock}, false)
    FROM before`.execute(db)
  return rows[0]!
}

async function applySteps(
  connection: Kysely<Database>,
  { clock, patience = PATIENCE, onUnit = () => {} }: MigrateOptions & { clock: Clock },
): Promise<{ applied: string[] }> {
  const before = await schemaState(connection)
  if (before === null) await runUnit(connection, together('the step table', stepTable), { clock, patience })
  const applied: string[] = []
  for (const step of missing(before)) {
    for (const unit of planned(step).units) {
      await onUnit(step.name, unit)
      await runUnit(connection, unit, { clock, patience })
    }
    applied.push(step.name)
  }
  if (before?.floor !== floor && !isLater(before))
    await runUnit(connection, together('what a release has to know', [setFloor(floor)]), { clock, patience })
  return { applied }
}

/** A numbered step as one transaction, its record included. */
function planned({ name, statements }: Step): PlannedStep {
  const all = [...statements.map((text) => statement(text)), recordStep(name)]
  return { name, units: [together(name, all)] }
}

const isKnown = (name: string) => steps.some((step) => step.name === name)

const missing = (state: SchemaState | null): Step[] =>
  steps.filter(({ name }) => state === null || !state.applied.includes(name))

/** A later release has migrated it. */
const isLater = (state: SchemaState | null): boolean => state?.applied.some((name) => !isKnown(name)) ?? false

/**
 * The steps that `migrate` would apply, for `migrate --check`. One query, no lock, no change. Steps of a later release
 * are no obstacle as long as they leave to this one what it needs.
 *
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const state = await schemaState(db)
  if (state !== null && isLater(state) && !(state.floor !== null && isKnown(state.floor))) {
    const later = state.applied.filter((name) => !isKnown(name))
    throw new StartlistError(
      'SCHEMA_NEWER',
      `The database was migrated by a later release: ${later.join(', ')}.`,
    )
  }
  return missing(state).map(({ name }) => name)
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

function asMigrationError(error: unknown): StartlistError {
  const known = asDatabaseError(error)
  return sqlState(error) === NO_RIGHT
    ? new StartlistError('RIGHTS_MISSING', known.message, { cause: error })
    : known
}
