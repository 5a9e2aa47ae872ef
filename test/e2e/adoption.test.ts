import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { Program } from '../cli/run-startlist.ts'
import { legacyDatabase } from '../store/adoption/database.ts'
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
    expect(pending[0]).toBe('0000_adopt_1_columns')

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
