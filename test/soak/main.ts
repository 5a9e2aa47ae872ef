import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Databases, startDatabases } from './databases.ts'
import { Progress } from './progress.ts'
import { type Suite, suites } from './suites.ts'

/**
 * `npm run soak -- [--only NAME] [--seeds N] [--from SEED]`: the long forms of tests whose short form is in
 * `npm test`. Without `--from` a run goes on where the last one ended, until a suite is complete; a complete one
 * begins again. Exit code 1 when a seed failed.
 */
const PROGRESS = fileURLToPath(new URL('../../.startlist/soak.json', import.meta.url))
const EVERY_MS = 10_000

interface Options {
  only: string | undefined
  seeds: number | undefined
  from: number | undefined
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, seeds: { type: 'string' }, from: { type: 'string' } },
  })
  return { only: values.only, seeds: count('seeds', values.seeds), from: count('from', values.from) }
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1 up`)
  return value
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Plays a suite's seeds; a failed one is told with its replay line, and the next goes on. */
async function runSuite(suite: Suite, options: Options, databases: Databases): Promise<boolean> {
  const kept = new Progress(PROGRESS)
  const resumed = kept.of(suite.name)
  const done = resumed.next > suite.seeds
  const fresh = { next: 1, passed: 0, failed: [] }
  const counts = options.from !== undefined || done ? { ...fresh, next: options.from ?? 1 } : resumed
  const first = counts.next
  const last = options.seeds === undefined ? Math.max(suite.seeds, first) : first + options.seeds - 1
  const began = performance.now()
  let told = began
  for (let seed = first; seed <= last; seed++) {
    try {
      await suite.run(seed, databases.open)
      counts.passed++
    } catch (error) {
      counts.failed.push(seed)
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
      say(`${suite.name} ${seed} FAILED: ${why}\n  again: ${suite.replay(seed)}`)
    }
    counts.next = seed + 1
    // A chosen range is a look at something; it does not count as having come this far.
    if (options.from === undefined) kept.keep(suite.name, counts)
    if (performance.now() - told >= EVERY_MS) {
      told = performance.now()
      say(`${suite.name}: seed ${seed} of ${last}, ${counts.passed} passed, ${counts.failed.length} failed`)
    }
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  const seeds = counts.failed.length === 0 ? '' : ` (${counts.failed.join(', ')})`
  say(
    `${suite.name}: seeds ${first} to ${last} in ${seconds} s: ${counts.passed} passed, ${counts.failed.length} failed${seeds}`,
  )
  return counts.failed.length === 0
}

const options = readOptions()
const chosen = suites.filter((suite) => options.only === undefined || suite.name === options.only)
if (chosen.length === 0)
  throw new Error(`no suite is called ${options.only}: ${suites.map((s) => s.name).join(', ')}`)
const databases = await startDatabases()
let green = true
try {
  for (const suite of chosen) green = (await runSuite(suite, options, databases)) && green
} finally {
  await databases.stop()
}
process.exitCode = green ? 0 : 1
