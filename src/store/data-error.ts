import { sqlState } from './database-error.ts'

/**
 * Did PostgreSQL refuse the values of a row (and not the statement, the connection or the schema)? Then the row is
 * rejected and the page goes on (D2). Classes: 22 data exception, 54 limit exceeded, 23502 and 23514 null and check.
 */
export function isDataError(error: unknown): boolean {
  const state = sqlState(error)
  return (
    state !== null &&
    (state.startsWith('22') || state.startsWith('54') || state === '23502' || state === '23514')
  )
}

/** Has another row the key that one was to get? unique_violation */
export const isTaken = (error: unknown): boolean => sqlState(error) === '23505'
