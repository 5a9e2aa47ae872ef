import { type Statement, statement, together, type Unit } from '../steps/unit.ts'
import { targetTables } from './target.ts'

/** A column that is filled from a sequence, and how far the two have come. */
export interface Serial {
  table: string
  column: string
  /** False when nothing fills the column. */
  hasSequence: boolean
  /** The sequence would give out a number that is taken. */
  lags: boolean
}

/** Rows that were copied in with their numbers leave a sequence behind: the next insert would collide. */
export function adoptSequences(serials: readonly Serial[]): Unit[] {
  const statements = serials.flatMap(({ table, column, hasSequence, lags }): Statement[] => {
    if (hasSequence && !lags) return []
    const sequence = `${table}_${column}_seq`
    const made = [
      statement(`CREATE SEQUENCE ${sequence} OWNED BY ${table}.${column}`),
      statement(`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT nextval('${sequence}')`),
    ]
    return [
      ...(hasSequence ? [] : made),
      statement(
        `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), greatest((SELECT max(${column}) FROM ${table}), 1))`,
      ),
    ]
  })
  return statements.length === 0 ? [] : [together('sequences', statements)]
}

/** Every column that this release expects to be filled from a sequence. */
export const serialColumns: readonly { table: string; column: string }[] = targetTables.flatMap(
  ({ name, columns }) =>
    columns.filter(({ serial }) => serial).map((column) => ({ table: name, column: column.name })),
)
