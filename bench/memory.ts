import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Loaded } from './memory/load.ts'
import type { Ready } from './memory/provider.ts'
import { withServer } from './runsignup-night/database.ts'

/**
 * Memory of a first load, however large the event: a Node with a heap of 256 MiB reads a generated list of whole
 * registrations in pages of 500 into PostgreSQL. See bench/README.md.
 */

const { values } = parseArgs({ options: { rows: { type: 'string', default: '20000,200000,1000000' } } })
const sizes = values.rows.split(',').map(Number)
if (!sizes.every((rows) => Number.isInteger(rows) && rows >= 5_000))
  throw new Error('--rows takes numbers from 5000 up, such as 20000,200000')

/** What bin/startlist gives its Node. */
const AS_STARTLIST = '--max-semi-space-size=8'
const MOST_RSS = 300 * 2 ** 20
/** What the heap after a collection may differ by between the tenths of a load: noise, not rows. */
const FLAT = 8 * 2 ** 20

for (const rows of sizes) {
  const provider = start('./memory/provider.ts', [String(rows)])
  try {
    const ready = await said<Ready>(provider)
    await withServer(async (_, url) => {
      const nodeOptions = ['--max-old-space-size=256', AS_STARTLIST, '--expose-gc']
      const load = start('./memory/load.ts', [JSON.stringify([rows, url, ready])], nodeOptions)
      tell(rows, await said<Loaded>(load))
    })
  } finally {
    provider.kill()
  }
}

function start(file: string, args: string[], execArgv: string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv })
}

async function said<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process ended without a word')
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  // It ends once it has said all: nobody waits for that any more.
  ended.catch(() => {})
  return message as T
}

function tell(asked: number, { rows, seconds, heaps, peakRss }: Loaded): void {
  const [first = 0] = heaps
  const spread = Math.max(...heaps) - Math.min(...heaps)
  const parts = [
    `${rows} of ${asked} rows in ${seconds.toFixed(0)} s, ${Math.round(rows / seconds)} rows/s`,
    `heap after a collection ${mib(first)} MiB after the first tenth, ${mib(heaps.at(-1) ?? 0)} after the last: flat ${met(spread < FLAT)}`,
    `peak RSS ${mib(peakRss)} MiB: below 300 ${met(peakRss < MOST_RSS)}`,
  ]
  process.stdout.write(`${parts.join('; ')}\n`)
}

function met(is: boolean): string {
  return is ? 'met' : 'not met'
}

function mib(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
