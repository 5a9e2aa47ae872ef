import { type Locked, lockOf } from './lock-of.ts'

/** What a step of the schema is made of. Plain data, so that it can be shown before it is run (M1). */

/** One SQL statement, and what it means for those who work beside it. */
export interface Statement extends Locked {
  sql: string
  /** Rows that it writes or reads through, as counted when the plan was made; null where that says nothing. */
  rows: number | null
}

/** Statements that belong together. */
export interface Unit {
  /** What for, in a few words. */
  about: string
  /** All or nothing; false for what PostgreSQL refuses inside a transaction, such as an index built CONCURRENTLY. */
  transaction: boolean
  statements: readonly Statement[]
}

/** A step as it would be run now. */
export interface PlannedStep {
  name: string
  units: readonly Unit[]
}

/** @param rows that it writes or reads through, where somebody counted them */
export const statement = (sql: string, rows: number | null = null): Statement => ({
  sql,
  rows,
  ...lockOf(sql),
})

/** Statements in one transaction. */
export const together = (about: string, statements: readonly Statement[]): Unit => ({
  about,
  transaction: true,
  statements,
})

/** One statement by itself, outside of a transaction. */
export const alone = (about: string, single: Statement): Unit => ({
  about,
  transaction: false,
  statements: [single],
})

/** Whether it blocks nobody's reading and writing while it waits and works, so that it may take its time. */
export function isGentle({ lock }: Locked): boolean {
  return lock === 'ROW EXCLUSIVE' || lock === 'SHARE UPDATE EXCLUSIVE'
}
