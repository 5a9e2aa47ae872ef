import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'

async function stored() {
  const { db, url } = await testDatabase()
  const startlist = new Program({ DATABASE_URL: url, STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64') })
  onTestFinished(() => startlist.dispose())
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing');
    INSERT INTO runsignup_races (race_id, name, timing_partner_id) VALUES (7, 'Harbor Half', 1);
    INSERT INTO runsignup_events (event_id, race_id, name, timing_partner_id) VALUES (70, 7, '10K', 1);
    INSERT INTO runsignup_participants (race_id, event_id, registration_id, timing_partner_id, first_name, middle_name,
        last_name, email, dob, bib_num, address, raw_data)
      VALUES (7, 70, 501, 1, 'Ana', 'Maria', 'Birch', 'ana@example.com', '1990-02-03', '12', '{"city": "Bergen"}',
          '{"list": {"registration_id": 501, "bib_num": "12", "user": {"first_name": "Ana"}}, "detail": null}'),
        (7, 70, 502, 1, 'Ben', NULL, 'Birch', 'ben@example.com', '1990-02-03', '13', NULL, NULL)`.execute(db)
  const row = async (key: number) =>
    (
      await sql<{
        text: string
        bib: string
      }>`SELECT p::text AS text, bib_num AS bib FROM runsignup_participants p
        WHERE registration_id = ${key}`.execute(db)
    ).rows[0]!
  return { startlist, row }
}

const ANA = 'ana\nBIRCH\n1990-02-03\n'

it('forget counts first, wants a yes, and erases one person without telling who', async () => {
  const { startlist, row } = await stored()
  const tried = await startlist.json(['forget', '--person-stdin', '--dry-run'], { input: ANA })
  expect(tried).toMatchObject({ code: 0, lines: [{ dryRun: true, found: 1, registrations: 1 }] })
  expect(await startlist.json(['forget', '--person-stdin'], { input: ANA })).toMatchObject({ code: 2 })
  expect((await row(501)).text).toContain('Maria')
  const done = await startlist.run(['forget', '--person-stdin', '--yes'], { input: ANA })
  expect(done.code).toBe(0)
  expect(done.stdout + done.stderr).not.toMatch(/birch|ana@|501/i)
  const erased = await row(501)
  expect(erased.bib).toBe('12')
  expect(erased.text).not.toMatch(/Ana|Maria|Birch|1990|Bergen/)
  expect((await row(502)).text).toContain('ben@example.com')
  expect(await startlist.json(['forget', '--person-stdin', '--yes'], { input: ANA })).toMatchObject({
    code: 3,
  })
})

it('forget takes registration numbers, and refuses what makes no sense', async () => {
  const { startlist, row } = await stored()
  const forget = (...args: string[]) => startlist.json(['forget', ...args])
  expect(await forget('--registration', '501')).toMatchObject({ code: 2 })
  expect(await forget('--provider', 'runsignup', '--registration', 'R1', '--yes')).toMatchObject({ code: 2 })
  expect(await forget()).toMatchObject({ code: 2 })
  const both = await forget('--provider', 'runsignup', '--registration', '501', '502', '--yes')
  expect(both).toMatchObject({ code: 0, lines: [{ found: 2, registrations: 2 }] })
  expect((await row(502)).text).not.toContain('ben@')
})
