import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openDatabase } from '../../../src/store/database.ts'
import { migrate, pendingMigrations, planMigration } from '../../../src/store/migrate.ts'
import { migrateDown } from '../../../src/store/migrate-down.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { startMigrate } from './kill.ts'
import { dump, expectRowsKept } from './model.ts'
import { wholeOf } from './there-and-back.ts'
import { PLAIN } from './variant.ts'

const WORST = {
  ...PLAIN,
  doubled: true,
  nameless: true,
  lacking: true,
  lagging: true,
  otherNames: true,
  views: 'others',
} as const

/** Units before the first step and after the last, of which nobody is told. */
const AROUND = new Set([
  'the step table',
  'what a release has to know',
  'the roles that isolate timing partners',
])

it('a migrate that is killed at the end of every step goes on from there, and loses no row (M1)', async () => {
  const { db, url } = await legacyDatabase(WORST)
  const before = await dump(db)
  const whole = await wholeOf(db)
  const steps = await pendingMigrations(db)
  let kills = 0
  for (const step of steps) {
    const { units } = (await planMigration(db))[0]!
    const own = units.filter(({ about }) => !AROUND.has(about)).length
    // The last unit records the step; of a numbered step it is the only one, amid which the process dies.
    const die = own === 1 ? { at: 1, afterMs: 0 } : { at: own, afterMs: null }
    const { killed } = await startMigrate(url, die).end
    expect(killed, step).toBe(true)
    kills++
    expectRowsKept(before, await dump(db))
    if ((await pendingMigrations(db)).includes(step)) await finishStep(url, step)
  }
  expect(kills).toBe(steps.length)
  expect(await migrate(db)).toEqual({ applied: [] })
  expectRowsKept(before, await dump(db))
  await expectWhole(db)
  // What it wrote down of the way there is true, whenever it was cut off.
  await migrateDown(db, { key: Buffer.alloc(32, 5).toString('base64'), accept: new Set() })
  expect(await wholeOf(db)).toEqual(whole)
}, 120_000)

/** Goes on to the beginning of the next step. */
async function finishStep(url: string, step: string): Promise<void> {
  const db = openDatabase(url, { max: 1 })
  const stop = new Error('the next step')
  await migrate(db, {
    onUnit(name) {
      if (name !== step) throw stop
    },
  }).catch((error: unknown) => {
    if (!String(error).includes(stop.message)) throw error
  })
  await db.destroy()
}

it('an index whose building was cut off is INVALID, and is built again (M1)', async () => {
  const { db, url } = await legacyDatabase({ ...PLAIN, doubled: true })
  const before = await dump(db)
  // A report that began before: the index cannot become valid while it still sees rows of before.
  const report = await db.startTransaction().setIsolationLevel('repeatable read').execute()
  await sql`SELECT count(*) FROM pg_class`.execute(report)
  const child = startMigrate(url)
  await child.began('index haku_events_partner_key')
  await expect.poll(() => invalidIndexes(url)).toEqual(['haku_events_partner_key'])
  child.kill()
  expect((await child.end).killed).toBe(true)
  // The server notices at the next answer that nobody listens; an administrator is quicker.
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'migrate-child'`.execute(db)
  await report.commit().execute()
  await expect.poll(() => invalidIndexes(url)).toEqual(['haku_events_partner_key'])
  const units: string[] = []
  await migrate(db, { onUnit: (_, { about }) => void units.push(about) })
  expect(units).toContain('drop haku_events_partner_key, which is INVALID')
  expectRowsKept(before, await dump(db))
  await expectWhole(db)
})

async function invalidIndexes(url: string): Promise<string[]> {
  const db = openDatabase(url, { max: 1 })
  const { rows } = await sql<{ name: string }>`
    SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid`.execute(db)
  await db.destroy()
  return rows.map(({ name }) => name)
}

it('settles what a script inserts while the steps are under way', async () => {
  const { db } = await legacyDatabase(PLAIN)
  const script = async (key: string, event: string, partner: number) => {
    await sql`INSERT INTO haku_participants (event_id, participant_id, bib_number, timing_partner_id)
      VALUES (${event}, ${key}, '5', ${partner})`.execute(db)
  }
  const begun: string[] = []
  await migrate(db, {
    async onUnit(_, { about }) {
      begun.push(about)
      if (begun.indexOf(about) < begun.length - 1) return
      if (about === 'index unique_haku_participant') await script('R-30', 'ev-3', 2)
      if (about === 'foreign key haku_participants_timing_partner_id_event_id_fkey')
        await script('X-1', 'ev-3', 1)
    },
  })
  const { rows } = await sql<{ n: number; moved: number; copied: number }>`SELECT
    (SELECT count(*)::int FROM haku_participants WHERE participant_id = 'R-30') AS n,
    (SELECT count(*)::int FROM haku_participants_duplicates) AS moved,
    (SELECT count(*)::int FROM haku_events WHERE event_id = 'ev-3' AND event_name = 'Race 3') AS copied`.execute(
    db,
  )
  expect(rows).toEqual([{ n: 1, moved: 1, copied: 2 }])
  // The index had to be planned again; the foreign key met the late row by itself.
  const times = (unit: string) => begun.filter((about) => about === unit).length
  expect(times('index unique_haku_participant')).toBe(2)
  expect(times('prove haku_participants_timing_partner_id_event_id_fkey')).toBe(1)
  await expectWhole(db)
})
