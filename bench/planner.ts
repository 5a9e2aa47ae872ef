import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { withDatabase } from './page-write/database.ts'
import { type DecisionCost, measureDecisions } from './planner/decisions.ts'
import { accountOf, type Shape } from './planner/events.ts'

/** What a decision of the planner costs, by the number of an account's events. See bench/README.md. */

const COUNTS = [10, 1_000, 100_000]
const SHAPES: readonly Shape[] = ['raced', 'in season', 'new']

const { values: options } = parseArgs({ options: { repeat: { type: 'string', default: '200' } } })
const repetitions = Number(options.repeat)
if (!Number.isInteger(repetitions) || repetitions < 1) throw new Error('--repeat takes a number from 1 on')

await withDatabase(async ({ db }) => {
  const accounts = []
  for (const shape of SHAPES) {
    for (const count of COUNTS) accounts.push({ shape, count, account: await accountOf(db, shape, count) })
  }
  await sql`VACUUM ANALYZE`.execute(db)
  process.stdout.write('events of the account       us/decision  us/nextStep    rows  buffers      x\n')
  let smallest: DecisionCost | null = null
  for (const { shape, count, account } of accounts) {
    const cost = await measureDecisions(db, account, repetitions)
    if (count === COUNTS[0]) smallest = cost
    process.stdout.write(`${lineOf(`${count} ${shape}`, cost, smallest ?? cost)}\n`)
  }
})

function lineOf(name: string, cost: DecisionCost, smallest: DecisionCost): string {
  const cells = [
    cost.wholeUs.toFixed(0),
    cost.pureUs.toFixed(1),
    cost.rows.toFixed(0),
    cost.buffers.toFixed(0),
  ]
  const ratio = (cost.wholeUs / smallest.wholeUs).toFixed(2)
  return (
    name.padEnd(26) + cells.map((cell, i) => cell.padStart([13, 13, 8, 9][i]!)).join('') + ratio.padStart(7)
  )
}
