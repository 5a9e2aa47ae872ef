import { parseArgs } from 'node:util'
import { mixed, playCase, SMALL } from '../test/scheduler/backfill/cases.ts'
import { sceneClock } from '../test/scheduler/backfill/scene.ts'
import { startDatabases } from '../test/soak/databases.ts'

/**
 * The backfills that the older system was measured by, counted call by call by a simulated provider, on a virtual clock.
 * See bench/README.md.
 */

const { values } = parseArgs({ options: { large: { type: 'boolean', default: false } } })
const cases = [
  SMALL,
  mixed(400, 'whole'),
  ...(values.large ? [mixed(5_000, 'whole'), mixed(400, 'thin')] : []),
]
const databases = await startDatabases()
try {
  for (const one of cases) {
    const clock = sceneClock()
    const { db, drop } = await databases.open({ virtualClock: clock })
    const began = performance.now()
    const { ratio, hours, wrong, small, smallFirst, ...counts } = await playCase(db, clock, one)
    await drop()
    const told = [
      `${counts.calls} calls (${counts.list} list, ${counts.detail} detail)`,
      `${ratio.toFixed(3)} x the fewest, ${counts.lowerBound}, and ${counts.endProofs} proofs of ends`,
      `first names after ${counts.firstNames} calls`,
      `${smallFirst} events done before the first larger than 100, of ${small} smaller ones`,
      `${hours.toFixed(2)} h at 500 calls an hour`,
      `${wrong.length} wrong values, ${counts.left} events left`,
      `${((performance.now() - began) / 1_000).toFixed(0)} s to play`,
    ]
    process.stdout.write(`${one.name}\n${told.map((line) => `  ${line}\n`).join('')}`)
  }
} finally {
  await databases.stop()
}
