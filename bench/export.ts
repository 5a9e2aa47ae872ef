import { parseArgs } from 'node:util'
import { FORMAT_NAMES } from '../src/export/formats.ts'
import { fill } from './export/fill.ts'
import type { Measured } from './export/measure.ts'
import { measure } from './export/run.ts'
import { withServer } from './runsignup-night/database.ts'

/** Exports of large events: time and memory of every format beside a plain COPY of the same rows. See bench/README.md. */

const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000,100000' } } })
const sizes = values.rows.split(',').map(Number)
if (!sizes.every((rows) => Number.isInteger(rows) && rows >= 1_000))
  throw new Error('--rows takes numbers from 1000 up, such as 10000,100000')

for (const rows of sizes)
  await withServer(async (db, url) => {
    await fill(db, rows)
    const tell = (what: string, { seconds, bytes, heaps, peakRss }: Measured, beside: number) => {
      const spread =
        heaps.length === 0 ? '' : `, heap ${mib(Math.min(...heaps))} to ${mib(Math.max(...heaps))} MiB`
      process.stdout.write(
        `${rows} rows, ${what}: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s, x ${(seconds / beside).toFixed(1)}, ${mib(bytes)} MiB${spread}, peak RSS ${mib(peakRss)} MiB\n`,
      )
    }
    // Once to warm the server's buffers.
    await measure(url, 'copy', rows)
    const copy = await measure(url, 'copy', rows)
    tell('copy', copy, copy.seconds)
    for (const format of FORMAT_NAMES) tell(format, await measure(url, format, rows), copy.seconds)
  })

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)
}
