import { type Kysely, sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import { makesReadersViews, withReadersViews } from '../adoption/readers-views.ts'
import { adoptionSteps, hasLegacyTables } from '../adoption/steps.ts'
import { targetNames } from '../adoption/target.ts'
import { readViews } from '../adoption/views.ts'
import { floor, type Step, steps } from '../migrations/index.ts'
import type { Database } from '../schema.ts'
import { recordStep, schemaState, setFloor, stepTable } from './step-table.ts'
import { type Statement, statement, together, type Unit } from './unit.ts'

/** A step that is still to be applied. */
export interface PendingStep {
  name: string
  /** What it would do now. Its last unit records it. */
  plan(db: Kysely<Database>): Promise<Unit[]>
}

/** Where legacy tables stand before this one, they are adopted first. */
const FIRST = steps[0]!.name

const isKnown = (name: string): boolean => [...adoptionSteps, ...steps].some((step) => step.name === name)

/** Whoever has none of it needs this first. */
export const beginning: Unit = together('the step table', stepTable)

/** What is to be done to a database. */
interface Pending {
  pending: PendingStep[]
  /** What follows the last step, or is to be done although no step is pending. */
  ending: Unit[]
  /** Names of steps that a later release applied. */
  later: string[]
}

/**
 * The steps that this release has and the database lacks, in order. One query where the schema is ours already.
 * @throws StartlistError DATABASE_TOO_OLD, SCHEMA_NEWER, DATABASE_UNREACHABLE or DATABASE
 */
export async function pendingSteps(db: Kysely<Database>): Promise<Pending> {
  const state = await schemaState(db)
  const applied = new Set(state?.applied)
  const later = [...applied].filter((name) => !isKnown(name))
  const known = state?.floor ?? null
  if (later.length > 0 && !(known !== null && isKnown(known))) {
    throw new StartlistError(
      'SCHEMA_NEWER',
      `The database was migrated by a later release: ${later.join(', ')}.`,
    )
  }
  const adopts = !applied.has(FIRST) && (await hasLegacyTables(db))
  const pending = [...(adopts ? adoptionSteps.map(recorded) : []), ...steps.map(numbered)].filter(
    ({ name }) => !applied.has(name),
  )
  // A later release has said what one has to know.
  const isSaid = known === floor || later.length > 0
  return { pending, later, ending: isSaid ? [] : [together('what a release has to know', [setFloor(floor)])] }
}

const recorded = ({ name, plan }: PendingStep): PendingStep => ({
  name,
  plan: async (db) => [...(await plan(db)), together(`record ${name}`, [recordStep(name)])],
})

/** The first step that makes views of names that somebody else's may have. */
const MAKES_VIEWS = steps.find(makesReadersViews)

/** One transaction, its record included. */
const numbered = (step: Step): PendingStep => ({
  name: step.name,
  plan: async (db) => {
    const views = step === MAKES_VIEWS ? await readViews(db) : []
    const statements = withReadersViews(step, views)
    const locks = lockFirst(statements, await existingTables(db))
    return [together(step.name, [...locks, ...statements, recordStep(step.name)])]
  },
})

/**
 * All that is going to be locked, at once and children before parents, as somebody locks who inserts a child and has
 * its foreign key looked up. In the order of a step's statements the two would wait for each other in a circle: beside a
 * busy script no try of the first step came through within 20 s.
 */
function lockFirst(statements: readonly Statement[], existing: ReadonlySet<string>): Statement[] {
  const strongest = statements
    .filter(({ lock }) => lock === 'ACCESS EXCLUSIVE')
    .flatMap(({ tables }) => tables)
  const tables = [...new Set([...targetNames.toReversed(), ...strongest])].filter(
    (name) => strongest.includes(name) && existing.has(name),
  )
  return tables.length === 0 ? [] : [statement(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`)]
}

async function existingTables(db: Kysely<Database>): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`.execute(
    db,
  )
  return new Set(rows.map(({ name }) => name))
}

/** Whether the step is one that a legacy database has to go through first. */
export const isAdoption = ({ name }: PendingStep): boolean => adoptionSteps.some((step) => step.name === name)
