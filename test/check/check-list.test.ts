import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { checkList, streamFinding } from '../../src/check/check-list.ts'
import type { FindingCode } from '../../src/check/codes.ts'
import { type BibList, bibLists, setBibRanges } from '../../src/store/bibs/lists.ts'
import { asTenant } from '../../src/store/isolation/tenant.ts'
import { type Race, race, stopRace } from '../sync/crash/race.ts'
import { WHOLE } from '../sync/decisions.ts'

afterEach(stopRace)

/** A race in which all is well, to begin with. */
async function fine(participants = 12): Promise<Race> {
  const r = await race({ traits: WHOLE, participants })
  await r.settled()
  await sql`UPDATE haku_participants p SET bib_number = i.n::text, chip_number = 'C' || i.n, gender = 'F',
      date_of_birth = '1990-01-01', listed_age = NULL, age_on_race_day = 36, category = '10K', first_name = 'F' || i.n
    FROM (SELECT id, row_number() OVER (ORDER BY participant_id) AS n FROM haku_participants) i WHERE i.id = p.id`.execute(
    r.db,
  )
  return r
}

async function listOf(r: Race, partnerId = r.partnerId): Promise<BibList> {
  const [list] = await bibLists(r.db, { eventId: r.event.id, partnerId })
  return list!
}

async function report(r: Race, most = 100) {
  const list = await listOf(r)
  return r.db.transaction().execute((trx) => checkList(trx, list, most))
}

const found = async (r: Race) =>
  Object.fromEntries(
    (await report(r)).findings.map(({ code, people }) => [code, people.map(({ bib }) => bib)]),
  )

/** Changes the registration with this bib. */
const change = (r: Race, bib: number, columns: Record<string, unknown>) =>
  sql`UPDATE haku_participants SET ${sql.join(
    Object.entries(columns).map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
  )} WHERE bib_number = ${String(bib)}`.execute(r.db)

describe('the check of a start list', () => {
  it('finds nothing where all is well', async () => {
    const r = await fine()
    expect(await report(r)).toEqual({ people: 12, findings: [] })
  })

  it('finds each thing with its people, problems first', async () => {
    const r = await fine(16)
    await change(r, 2, { bib_number: '1' })
    await change(r, 3, { chip_number: 'C4' })
    await r.db.transaction().execute((trx) => setBibRanges(trx, { provider: 'haku', ...place(r) }, '1-15'))
    await change(r, 5, { gender: '' })
    await change(r, 6, { date_of_birth: null, age_on_race_day: null })
    await change(r, 7, { date_of_birth: '1899-01-01', age_on_race_day: 127 })
    await change(r, 8, { category: null, categories: null })
    await change(r, 9, { chip_number: '9' })
    await change(r, 10, { listed_age: 20 })
    await sql`UPDATE haku_participants SET first_name = ' f12', last_name = 'same  NAME' WHERE bib_number = '11'`.execute(
      r.db,
    )
    await change(r, 12, { last_name: 'Same name' })
    await change(r, 13, { registration_status: 'cancelled', bib_number: '14' })
    await change(r, 15, { bib_number: null })
    expect(await found(r)).toEqual({
      'duplicate-bib': ['1', '1'],
      'duplicate-chip': ['3', '4'],
      'bib-out-of-range': ['16'],
      'missing-sex': ['5'],
      'missing-age': ['6'],
      'impossible-age': ['7'],
      'missing-category': ['8'],
      'chip-as-bib': ['9'],
      'age-contradiction': ['10'],
      'same-person': ['11', '12'],
      'bib-of-cancelled': ['14'],
      'missing-bib': [null],
    })
    const { people, findings } = await report(r, 1)
    expect(people).toBe(15)
    expect(findings[0]).toMatchObject({
      ...{ code: 'duplicate-bib', severity: 'problem', count: 2 },
      sentence: '2 people have a bib that another has as well.',
    })
    expect(findings[0]?.people).toEqual([
      expect.objectContaining({
        bib: '1',
        link: expect.stringMatching(
          new RegExp(`^/v1/events/haku%3A${r.partnerId}%3A${r.event.id}/participants/`),
        ),
      }),
    ])
    expect(findings.map(({ severity }) => severity)).toEqual([
      ...Array(7).fill('problem'),
      ...Array(5).fill('warning'),
    ])
  })

  it('leaves out who is cancelled or removed, whatever they lack', async () => {
    const r = await fine()
    await change(r, 1, { registration_status: 'cancelled', gender: null })
    await sql`UPDATE haku_participants SET removed_at = now(), registration_status = 'removed', bib_number = NULL
      WHERE bib_number = '2'`.execute(r.db)
    expect(await report(r)).toEqual({ people: 10, findings: [] })
  })

  it('does not call missing what a detail may still bring', async () => {
    const r = await race({ participants: 6 })
    await r.settled()
    await sql`UPDATE haku_participants SET detail_of = NULL, gender = NULL, bib_number = NULL, date_of_birth = NULL,
      age_on_race_day = NULL, listed_age = NULL`.execute(r.db)
    const { findings } = await report(r)
    expect(findings.map(({ code, count }) => [code, count])).toEqual([['details-pending', 6]])
  })

  it('streams everybody of a finding, beyond those that a report names', async () => {
    const r = await fine()
    await sql`INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, date_of_birth, category, bib_number)
      SELECT ${r.event.id}, ${r.partnerId}, 'X' || n, '1990-01-01', '10K', 'X' || n FROM generate_series(1, 2300) n`.execute(
      r.db,
    )
    const { findings } = await report(r, 5)
    expect(findings).toMatchObject([{ code: 'missing-sex', count: 2_300 }])
    expect(findings[0]?.people).toHaveLength(5)
    expect(await streamed(r, 'missing-sex')).toHaveLength(2_300)
    expect(await streamed(r, 'missing-bib')).toEqual([])
  })

  it('shows a tenant its own people alone, and two lists in one transaction', async () => {
    const r = await fine()
    const second = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(second, r.clientId, r.organization.secrets[0]!)
    await r.installation.discover(r.clientId)
    await r.sweep()
    const [mine, theirs] = [await listOf(r), await listOf(r, second)]
    await asTenant(r.db, second, async (trx) => {
      expect(await checkList(trx, theirs, 1)).toMatchObject({ people: 12 })
      expect(await checkList(trx, mine, 1)).toEqual({ people: 0, findings: [] })
      expect(await bibLists(trx, { eventId: r.event.id })).toMatchObject([{ partnerId: second }])
    })
  })
})

const place = (r: Race) => ({ partnerId: r.partnerId, eventId: r.event.id })

async function streamed(r: Race, code: FindingCode) {
  const list = await listOf(r)
  return r.db.transaction().execute(async (trx) => {
    const all = []
    for await (const batch of streamFinding(trx, list, code)) all.push(...batch)
    return all
  })
}
