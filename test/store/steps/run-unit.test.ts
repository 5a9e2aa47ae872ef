import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type Db, openDatabase } from '../../../src/store/database.ts'
import { type Patience, runUnit } from '../../../src/store/steps/run-unit.ts'
import { alone, statement, together } from '../../../src/store/steps/unit.ts'
import { testDatabase } from '../../helpers/database.ts'

const QUICK: Patience = { lockTimeoutMs: 20, tries: 3, longestPauseMs: 1 }

/** A clock whose pauses are counted, and do something. */
function pauses(during: (nth: number) => Promise<void> = async () => {}) {
  const clock = {
    now: () => 0,
    slept: [] as number[],
    sleep: async (ms: number) => during(clock.slept.push(ms)),
  }
  return clock
}

async function twoSessions(): Promise<{ db: Db; other: Db; end(): Promise<void> }> {
  const { db, url } = await testDatabase({ empty: true, max: 1 })
  const other = openDatabase(url, { max: 1, applicationName: 'a report' })
  await sql`CREATE TABLE a (b integer)`.execute(db)
  return { db, other, end: () => other.destroy() }
}

const add = (column: string) => statement(`ALTER TABLE a ADD COLUMN ${column} integer`)
const columns = async (db: Db) => {
  const { rows } = await sql<{ name: string }>`
    SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'a' ORDER BY ordinal_position`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}

describe('a unit that meets a lock', () => {
  it('gives way, and is done once the lock is gone', async () => {
    const { db, other, end } = await twoSessions()
    const reader = await other.startTransaction().execute()
    await sql`SELECT FROM a`.execute(reader)
    const clock = pauses(async (nth) => {
      if (nth === 2) await reader.commit().execute()
    })
    await runUnit(db, together('two columns', [add('c'), add('d')]), { clock, patience: QUICK })
    expect(await columns(db)).toEqual(['b', 'c', 'd'])
    expect(clock.slept).toHaveLength(2)
    await end()
  })

  it('fails at last, leaves nothing of itself behind, and names who is in the way', async () => {
    const { db, other, end } = await twoSessions()
    await sql`CREATE TABLE free (b integer)`.execute(db)
    const reader = await other.startTransaction().execute()
    await sql`SELECT FROM a`.execute(reader)
    const unit = together('two tables', [statement('ALTER TABLE free ADD COLUMN c integer'), add('c')])
    await expect(runUnit(db, unit, { clock: pauses(), patience: QUICK })).rejects.toMatchObject({
      code: 'LOCKED_OUT',
      message: expect.stringMatching(/two tables: a report \(pid \d+\) holds a lock on free, a/),
    })
    await reader.commit().execute()
    const { rows } = await sql`SELECT * FROM information_schema.columns WHERE table_name = 'free'`.execute(db)
    expect(rows).toHaveLength(1)
    await end()
  })

  it('waits its turn where it blocks nobody, as an index that is built beside writers', async () => {
    const { db, other, end } = await twoSessions()
    const writer = await other.startTransaction().execute()
    await sql`INSERT INTO a VALUES (1)`.execute(writer)
    const built = runUnit(db, alone('an index', statement('CREATE INDEX CONCURRENTLY a_b ON a (b)')), {
      clock: pauses(),
      patience: QUICK,
    })
    const soon = new Promise((resolve) => setTimeout(() => resolve('waits'), 5 * QUICK.lockTimeoutMs))
    expect(await Promise.race([built, soon])).toBe('waits')
    await writer.commit().execute()
    await built
    await end()
  })

  it('does not repeat what fails for another reason', async () => {
    const { db, end } = await twoSessions()
    const clock = pauses()
    await expect(
      runUnit(db, together('twice', [add('c'), add('c')]), { clock, patience: QUICK }),
    ).rejects.toMatchObject({ code: '42701' })
    expect(clock.slept).toEqual([])
    expect(await columns(db)).toEqual(['b'])
    await end()
  })
})
