import { PATIENCE } from './run-unit.ts'
import { isGentle, type PlannedStep, type Statement, type Unit } from './unit.ts'

/**
 * A plan as a script for `psql -v ON_ERROR_STOP=1 -f`, which an administrator can run where startlist's own role may not:
 * the same statements in the same transactions, and the same records in the step table.
 * @returns its lines
 */
export function scriptOf(steps: readonly PlannedStep[]): string[] {
  if (steps.length === 0) return []
  return [
    'SET search_path = public;',
    'SET statement_timeout = 0;',
    ...steps.flatMap(({ name, units }) => ['', `-- ${name}`, ...units.flatMap(unitLines)]),
  ]
}

function unitLines({ about, transaction, statements }: Unit): string[] {
  if (statements.length === 0) return []
  const body = statements.flatMap(statementLines)
  // Waiting for a lock that blocks others, whoever comes after us waits as well: better to fail and be run again.
  const timeout = `lock_timeout = '${PATIENCE.lockTimeoutMs}ms';`
  if (transaction) return ['', `-- ${about}`, 'BEGIN;', `SET LOCAL ${timeout}`, ...body, 'COMMIT;']
  return ['', `-- ${about}`, statements.every(isGentle) ? 'SET lock_timeout = 0;' : `SET ${timeout}`, ...body]
}

function statementLines({ sql, lock, tables, rows }: Statement): string[] {
  const notes = [
    ...(lock === null ? [] : [`${lock} lock on ${tables.join(', ') || 'the index and its table'}`]),
    ...(rows === null ? [] : [`${Math.round(rows).toLocaleString('en-US')} rows`]),
  ]
  return [...(notes.length === 0 ? [] : [`--   ${notes.join('; ')}`]), `${sql};`]
}
