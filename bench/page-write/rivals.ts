import type pg from 'pg'
import type { WrittenRow } from '../../src/domain/row.ts'
import type { Contender } from './contender.ts'
import type { Stage } from './race.ts'
import { columns, toRows, upsertSql, valueIn } from './rows.ts'

/** The usual ways, each at its best: the bare driver, prepared statements, a transaction a page. No change feed. */

const ORGANIZATION = 'Bench Races'
/** jsonb arrays travel as text arrays. */
const sent = (type: string) => (type === 'jsonb' ? 'text' : type)

/** A statement per row. */
export function perRow(client: pg.ClientBase, stage: Stage, eventId: string): Contender {
  const values = columns.map(({ name, type }, i) => `$${i + 4}::${sent(type)} AS ${name}`)
  const text = upsertSql(`(SELECT ${values.join(', ')}) AS i`, '')
  return rival('upsert per row', client, stage, async (rows) => {
    for (const row of rows) {
      const parameters = columns.map((column) => valueIn(row, column))
      await client.query({
        name: 'per-row',
        text,
        values: [eventId, stage.partnerId, ORGANIZATION, ...parameters],
      })
    }
  })
}

/** A statement per page; rows whose hash is the stored one are locked but not written. */
export function guardedUnnest(client: pg.ClientBase, stage: Stage, eventId: string): Contender {
  const arrays = columns.map(({ type }, i) => `$${i + 4}::${sent(type)}[]`)
  const names = columns.map(({ name }) => name)
  const text = upsertSql(`unnest(${arrays.join(', ')}) AS i (${names.join(', ')})`, 'guarded')
  return rival('guarded unnest', client, stage, async (rows) => {
    const parameters = columns.map((column) => rows.map((row) => valueIn(row, column)))
    await client.query({
      name: 'guarded-unnest',
      text,
      values: [eventId, stage.partnerId, ORGANIZATION, ...parameters],
    })
  })
}

/** A contender that maps every record of a page and writes the rows in one fenced transaction. */
export function rival(
  name: string,
  client: pg.ClientBase,
  stage: Stage,
  write: (rows: readonly WrittenRow[]) => Promise<void>,
): Contender {
  return {
    name,
    beginPass() {},
    prepare(records) {
      const rows = toRows(records)
      return async () => {
        await client.query('BEGIN')
        const fence = await client.query({
          name: 'fence',
          text: 'SELECT fence = $2::bigint AS ours FROM lanes WHERE account_id = $1 FOR SHARE',
          values: [stage.account.accountId, stage.fence],
        })
        if (!fence.rows[0]?.ours) throw new Error('the lane was lost')
        await write(rows)
        await client.query('COMMIT')
      }
    },
  }
}
