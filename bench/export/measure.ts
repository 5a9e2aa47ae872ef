import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { to as copyTo } from 'pg-copy-streams'
import { FORMATS, type FormatName } from '../../src/export/formats.ts'
import { startListWriter } from '../../src/export/writer.ts'
import { askedChanges } from '../../src/feed/asked.ts'
import { openDatabase, openPool } from '../../src/store/database.ts'
import { openSnapshot, openStartList } from '../../src/store/start-list/snapshot.ts'

/** One export, the changes of everybody, or a plain COPY of the same rows, measured from inside a process of its own. */
export interface Measured {
  rows: number
  bytes: number
  seconds: number
  /** heap after a collection, bytes, after each tenth of the rows */
  heaps: number[]
  /** bytes */
  peakRss: number
}

const [url = '', eventId = '', what = 'copy', rows = 0] = JSON.parse(process.argv[2] ?? '[]') as [
  string,
  string,
  FormatName | 'copy' | 'changes',
  number,
]

const began = performance.now()
const { bytes, heaps } = await (what === 'copy' ? copy() : what === 'changes' ? sumUp() : write(what))
const measured: Measured = {
  ...{ rows, bytes, heaps, seconds: (performance.now() - began) / 1_000 },
  peakRss: process.resourceUsage().maxRSS * 1_024,
}
process.send?.(measured)

async function write(format: FormatName): Promise<{ bytes: number; heaps: number[] }> {
  const db = openDatabase(url, { max: 1 })
  const list = await openStartList(db, { eventId })
  const contents = { state: list.state, which: 'listed', after: null } as const
  const writer = startListWriter(format, FORMATS[format].defaults, contents)
  const heaps: number[] = []
  let total = 0
  for await (const piece of writer.write(list.lines({ fields: writer.fields, which: 'listed' }))) {
    total += piece.length
    if (writer.tally.rows >= ((heaps.length + 1) * rows) / 10) {
      globalThis.gc?.()
      heaps.push(process.memoryUsage().heapUsed)
    }
  }
  await list.close()
  await db.destroy()
  return { bytes: total, heaps }
}

/** What came of all changes, of which everybody has some; of each row as many bytes as of its JSON. */
async function sumUp(): Promise<{ bytes: number; heaps: number[] }> {
  const db = openDatabase(url, { max: 1 })
  const { trx, close } = await openSnapshot(db, {})
  const at = { provider: 'haku', partnerId: 1, eventId }
  const heaps: number[] = []
  let total = 0
  let people = 0
  for await (const batch of askedChanges(trx, at, 0, { net: true })) {
    people += batch.length
    total += JSON.stringify(batch).length
    if (people >= ((heaps.length + 1) * rows) / 10) {
      globalThis.gc?.()
      heaps.push(process.memoryUsage().heapUsed)
    }
  }
  await close()
  await db.destroy()
  return { bytes: total, heaps }
}

async function copy(): Promise<{ bytes: number; heaps: number[] }> {
  const pool = openPool(url, { max: 1 })
  const client = await pool.connect()
  let total = 0
  const nowhere = new Writable({
    write(chunk: Buffer, _, done) {
      total += chunk.length
      done()
    },
  })
  await pipeline(
    client.query(
      copyTo(
        `COPY (SELECT * FROM startlist.start_lists WHERE provider = 'haku' AND list_id = '${eventId}' AND status = 'active'
          ORDER BY registration) TO STDOUT (FORMAT csv, HEADER)`,
      ),
    ),
    nowhere,
  )
  client.release()
  await pool.end()
  return { bytes: total, heaps: [] }
}
