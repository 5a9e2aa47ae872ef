import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FormatName } from '../../src/export/formats.ts'
import { EVENT } from './fill.ts'
import type { Measured } from './measure.ts'

/** As bin/startlist starts its Node, in a small heap, and with collections on demand. */
const NODE = ['--max-semi-space-size=8', '--max-old-space-size=128', '--expose-gc']

/** Measures one export, or one reading of the changes, of the filled event in a process of its own. */
export async function measure(
  url: string,
  what: FormatName | 'copy' | 'changes',
  rows: number,
): Promise<Measured> {
  const file = fileURLToPath(new URL('measure.ts', import.meta.url))
  const child = fork(file, [JSON.stringify([url, EVENT, what, rows])], { execArgv: NODE })
  const ended = once(child, 'exit')
  const message = once(child, 'message')
  const first = await Promise.race([message, ended.then(() => null)])
  if (first === null) throw new Error(`the export as ${what} ended without a word`)
  await ended
  return first[0] as Measured
}
