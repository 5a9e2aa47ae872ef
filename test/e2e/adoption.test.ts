import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { Program } from '../cli/run-startlist.ts'
import { legacyDatabase } from '../store/adoption/database.ts'
import { wholeOf } from '../store/adoption/there-and-back.ts'
import { PLAIN } from '../store/adoption/variant.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')

it('migrate says what adopting a legacy database takes, does it, and has nothing left to do', async () => {
  const { db, url } = await legacyDatabase({ ...PLAIN, doubled: true })
  const program = new Program({ DATABASE_URL: url, STARTLIST_KEY: KEY })
  try {
    await sql`CREATE VIEW mine AS SELECT bib_number FROM haku_participants`.execute(db)
    const blocked = await program.run(['migrate', '--json'])
    expect(blocked).toMatchObject({ code: 1, lines: [{ error: { code: 'ADOPTION_BLOCKED' } }] })
    await sql`DROP VIEW mine`.execute(db)

    const check = await program.run(['migrate', '--check', '--json'])
    expect(check).toMatchObject({ code: 3, lines: [{ blockers: [], notOwned: [] }] })
    const [{ pending }] = check.lines as [{ pending: string[] }]
    expect(pending[0]).toBe('0000_adopt_0_record')

    const plan = await program.run(['migrate', '--plan'])
    expect(plan.code).toBe(0)
    expect(plan.stdout).toMatch(/^-- 0000_adopt_1_columns$/m)
    expect(plan.stdout).toMatch(/^-- {3}ROW EXCLUSIVE lock on haku_participants; 3 rows$/m)
    expect((await program.run(['migrate', '--plan', '--json'])).lines).toContainEqual(
      expect.objectContaining({ step: '0000_adopt_3_keys', about: 'key of haku_events', transaction: true }),
    )

    const done = await program.run(['migrate', '--json'])
    expect(done).toMatchObject({ code: 0, lines: [{ applied: pending }] })
    expect(await program.run(['migrate', '--check', '--json'])).toMatchObject({
      code: 0,
      lines: [{ pending: [], blockers: [] }],
    })
    const doctor = await program.run(['doctor', '--json'])
    expect(doctor.lines).toContainEqual(expect.objectContaining({ check: 'adoption', state: 'warn' }))
    expect(doctor.lines).toContainEqual(expect.objectContaining({ check: 'secrets', state: 'warn' }))
  } finally {
    program.dispose()
  }
})

it('migrate --down says what it would take, takes the adoption back, and leaves a database to adopt again', async () => {
  const { db, url } = await legacyDatabase({ ...PLAIN, doubled: true, nameless: true })
  const program = new Program({ DATABASE_URL: url, STARTLIST_KEY: KEY })
  try {
    const before = await wholeOf(db)
    expect((await program.run(['migrate', '--json'])).code).toBe(0)
    expect((await program.run(['credentials', 'seal', '--yes'])).code).toBe(0)
    await sql`UPDATE haku_participants SET local_bib = '1' WHERE id = 15`.execute(db)

    const blocked = await program.run(['migrate', '--down', '--plan'])
    expect(blocked.code).toBe(3)
    expect(blocked.stdout).toMatch(/^-- in the way: haku_participants: a local bib, .*: 15$/m)
    expect(blocked.stdout).toMatch(/^-- the secrets of credentials 1, 2, 3 are stored in plain text again/m)
    expect(blocked.stdout).toMatch(/^-- goes: accounts, 2 rows$/m)
    expect(blocked.stdout).not.toMatch(/goes: .*_duplicates/)
    expect(blocked.stdout).toMatch(/^-- {3}ACCESS EXCLUSIVE lock on .*haku_participants, haku_events/m)
    expect((await program.run(['migrate', '--down', '--plan', '--json'])).lines).toMatchObject([
      { inTheWay: [{ kind: 'local-bibs', count: 1, keys: ['15'] }], notOwned: [], opens: [1, 2, 3] },
      { step: 'migrate --down', transaction: true },
    ])
    expect(await program.run(['migrate', '--down', '--json'])).toMatchObject({
      code: 2,
      lines: [{ error: { code: 'USAGE', message: expect.stringContaining('--yes') } }],
    })
    expect(await program.run(['migrate', '--down', '--yes', '--json'])).toMatchObject({
      code: 1,
      lines: [{ error: { code: 'DOWN_BLOCKED', hint: expect.stringContaining('--accept local-bibs') } }],
    })
    for (const wrong of [
      ['--accept', 'all', '--down'],
      ['--accept', 'statuses'],
      ['--yes'],
      ['--down', '--check'],
    ])
      expect((await program.run(['migrate', ...wrong])).code).toBe(2)

    const done = await program.run(['migrate', '--down', '--yes', '--accept', 'local-bibs'])
    expect(done.code).toBe(0)
    expect(done.stdout).toMatch(/^gone: accounts, 2 rows$/m)
    expect(done.stdout).toMatch(/^In plain text again: the secrets of credentials 1, 2, 3\.$/m)
    expect(await wholeOf(db)).toEqual(before)
    expect(await program.run(['migrate', '--down', '--yes', '--json'])).toMatchObject({
      lines: [{ error: { code: 'SCHEMA_MISSING' } }],
    })
    expect((await program.run(['migrate', '--json'])).code).toBe(0)
    expect((await program.run(['migrate', '--down', '--yes', '--json'])).code).toBe(0)
    expect(await wholeOf(db)).toEqual(before)
  } finally {
    program.dispose()
  }
}, 120_000)
