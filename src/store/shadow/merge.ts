import { type RawBuilder, sql } from 'kysely'
import type { Trx } from '../database.ts'
import { before, columnsOf, refs, SHADOW_SCHEMA, type ShadowedTable } from './tables.ts'

/** What going live wrote into a legacy table. */
export interface MergedTable {
  table: string
  rows: number
}

/**
 * Takes rows of the shadow over into their legacy table. What is equal already is not written. One statement in the order
 * in which the rows lie: a join that leaves the equal ones out first takes four times as long, as it scatters the writes.
 */
export async function merge(trx: Trx, shadowed: ShadowedTable): Promise<MergedTable> {
  const { table, key, numbered, merges, isShared } = shadowed
  const columns = (await columnsOf(trx, table)).filter((name) => !numbered.includes(name))
  const content = columns.filter((name) => !key.includes(name))
  const updated = isShared ? await takeOverChanges(trx, shadowed, content) : 0
  const updates = content.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`)
  const onConflict = isShared
    ? sql`DO NOTHING`
    : sql`DO UPDATE SET ${sql.join(updates)}
      WHERE (${refs(content, 'l')}) IS DISTINCT FROM (${refs(content, 'excluded')})`
  const added = await count(
    sql`INSERT INTO ${sql.id('public', table)} AS l (${refs(columns)})
      SELECT ${refs(columns)} FROM ${sql.id(SHADOW_SCHEMA, table)} WHERE ${sql.raw(merges)}
      ON CONFLICT (${refs(key)}) ${onConflict}`,
    trx,
  )
  return { table, rows: updated + added }
}

const isSame = (key: readonly string[], a: string, b: string) =>
  sql.join(
    key.map((name) => sql`${sql.ref(`${a}.${name}`)} = ${sql.ref(`${b}.${name}`)}`),
    sql` AND `,
  )

const count = async (statement: RawBuilder<unknown>, trx: Trx) =>
  Number((await statement.execute(trx)).numAffectedRows ?? 0n)

/** Of a table that legacy programs change as well, a column is taken over where it changed in the shadow. */
async function takeOverChanges(
  trx: Trx,
  { table, key }: ShadowedTable,
  content: readonly string[],
): Promise<number> {
  const changed = content.map((name) => {
    const [mine, was, theirs] = [sql.ref(`s.${name}`), sql.ref(`b.${name}`), sql.ref(`l.${name}`)]
    return sql`${sql.ref(name)} = CASE WHEN ${mine} IS DISTINCT FROM ${was} THEN ${mine} ELSE ${theirs} END`
  })
  return count(
    sql`UPDATE ${sql.id('public', table)} l SET ${sql.join(changed)}
    FROM ${sql.id(SHADOW_SCHEMA, table)} s, ${before(table)} b
    WHERE ${isSame(key, 'l', 's')} AND ${isSame(key, 'b', 's')}
      AND (${refs(content, 's')}) IS DISTINCT FROM (${refs(content, 'b')})`,
    trx,
  )
}
