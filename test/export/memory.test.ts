import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { EVENT, fill } from '../../bench/export/fill.ts'
import { measure } from '../../bench/export/run.ts'
import { FORMATS, type FormatName } from '../../src/export/formats.ts'
import { startListWriter } from '../../src/export/writer.ts'
import { openStartList } from '../../src/store/start-list/snapshot.ts'
import { testDatabase } from '../helpers/database.ts'

const ROWS = 12_000
const MIB = 2 ** 20

it('takes no more memory for the last row than for the first tenth', async () => {
  const { db, url } = await testDatabase()
  await fill(db, ROWS)
  const formats: FormatName[] = ['csv', 'xlsx']
  for (const format of formats) {
    const { heaps, bytes } = await measure(url, format, ROWS)
    expect(heaps).toHaveLength(10)
    expect(bytes).toBeGreaterThan(MIB)
    // The whole file, or its rows, would be many times as much.
    expect([format, Math.max(...heaps) - heaps[0]! < 5 * MIB]).toEqual([format, true])
  }
}, 120_000)

it('takes no more memory for the changes of many than for those of few', async () => {
  const { db, url } = await testDatabase()
  await fill(db, 1)
  await sql`
    WITH p AS (INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id, feed_position)
      VALUES ('haku', 1, ${EVENT}, 1, ${3 * ROWS}))
    INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
    SELECT 'haku', 1, ${EVENT}, n, 'G-' || n % ${ROWS}::int, 'changed',
      jsonb_build_object('answers', jsonb_build_array(n, repeat(md5(n::text), 30))), startlist.clock()
    FROM generate_series(1, ${3 * ROWS}::int) AS n`.execute(db)
  const { heaps, bytes } = await measure(url, 'changes', ROWS)
  expect(heaps).toHaveLength(10)
  expect(bytes).toBeGreaterThan(12 * MIB)
  expect(Math.max(...heaps) - heaps[0]! < 5 * MIB).toBe(true)
}, 120_000)

it('reads on only when what was read is written', async () => {
  const { db } = await testDatabase({ max: 2 })
  await fill(db, 4_000)
  const list = await openStartList(db, { eventId: EVENT })
  let read = 0
  const counted = (async function* () {
    for await (const batch of list.lines({ fields: ['firstName'], which: 'listed' })) {
      read += batch.length
      yield batch
    }
  })()
  const contents = { state: list.state, which: 'listed', after: null } as const
  const pieces = startListWriter('mylaps', FORMATS.mylaps.defaults, contents).write(counted)
  await pieces.next()
  expect(read).toBe(0)
  await pieces.next()
  expect(read).toBe(1_000)
  // Whoever goes away in the middle leaves nothing open.
  await pieces.return(undefined)
  await list.close()
  const again = await openStartList(db, { eventId: EVENT })
  expect(again.state.registrations).toBe(4_000)
  await again.close()
})
