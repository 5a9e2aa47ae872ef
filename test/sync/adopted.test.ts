import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { cancel, remove, setBib } from '../../src/simulator/index.ts'
import { feedOf, type Race, type RaceOptions, race, rowOf, stopRace } from './crash/race.ts'
import { holdsOf, WHOLE } from './decisions.ts'

afterEach(stopRace)

interface Legacy {
  bib?: string | null
  firstName?: string
  localBib?: string
}

/** A race whose registrations are rows of the older system, as adoption leaves them, bibs and names as told. */
async function adopted(
  options: RaceOptions,
  told: (key: string, n: number) => Legacy = () => ({}),
): Promise<Race> {
  const r = await race(options)
  for (const [n, key] of r.numbers().entries()) {
    const registration = r.event.registrations.get(key)!
    const { bib = null, firstName = registration.person.firstName, localBib = null } = told(key, n)
    await sql`
      INSERT INTO haku_participants (event_id, participant_id, timing_partner_id, first_name, last_name, bib_number, local_bib,
        registration_date, fetched_date, credentials_used)
      VALUES (${r.event.id}, ${key}, ${r.partnerId}, ${firstName}, ${registration.person.lastName}, ${bib}, ${localBib},
        '2026-01-05 10:00:00', '2026-04-01 06:00:00', 'client')`.execute(r.db)
  }
  return r
}

const bibsOf = async (r: Race, key: string) => {
  const { bib_number, provider_bib, local_bib } = (await rowOf(r.db, r.event.id, key))!
  return { bib_number, provider_bib, local_bib }
}

/** The world has bibs and chips by chance; here they are what the test says. */
function give(r: Race, key: string, bib: string | null, chip: string | null): void {
  setBib(r.world, r.event.id, key, bib)
  for (const category of r.event.registrations.get(key)!.categories) category.chipNumber = chip
}

describe('the first contact with an adopted row (M5)', () => {
  it('is one entry of the feed with the true differences, and one that says nothing differs', async () => {
    const r = await adopted({ traits: WHOLE, participants: 6 }, (_, n) =>
      n === 2 ? { firstName: 'Ann' } : {},
    )
    const outcome = await r.sync()
    const feed = await feedOf(r.db, r.event.id, r.partnerId)
    expect(feed.map(({ change }) => change)).toEqual(r.numbers().map(() => 'adopted'))
    const name = r.event.registrations.get(r.nth(2))!.person.firstName
    for (const { key, fields } of feed)
      expect(fields.first_name).toEqual(key === r.nth(2) ? ['Ann', name] : undefined)
    expect(outcome.events[0]!.lines[0]).toMatchObject({ inserted: 0, removed: 0 })
    expect(await r.differences()).toEqual([])
    const before = feed.length
    await r.sweep()
    expect(await feedOf(r.db, r.event.id, r.partnerId)).toHaveLength(before)
  })

  it('keeps what legacy readers read until the provider says otherwise', async () => {
    const r = await adopted({ participants: 3 })
    await r.sync()
    const { rows } = await sql`SELECT count(*)::int AS n FROM haku_participants
      WHERE registration_date IS NULL OR fetched_date < '2026-05-01'`.execute(r.db)
    expect(rows).toEqual([{ n: 0 }])
  })

  it('tells of a cancelled registration as adopted, with its status', async () => {
    const r = await adopted({ traits: WHOLE, participants: 4 })
    cancel(r.world, r.event.id, r.nth(1))
    await r.sync()
    const entry = (await feedOf(r.db, r.event.id, r.partnerId)).find(({ key }) => key === r.nth(1))
    expect(entry).toMatchObject({
      change: 'adopted',
      fields: { registration_status: ['active', 'cancelled'] },
    })
  })

  it('finds who was removed before the adoption, and asks a person about many (A1, A2)', async () => {
    const few = await adopted({ traits: WHOLE, participants: 30 })
    for (const key of few.numbers().slice(0, 3)) remove(few.world, few.event.id, key)
    await few.sync()
    expect(await few.differences()).toEqual([])
    const gone = (await feedOf(few.db, few.event.id, few.partnerId)).filter(
      ({ change }) => change === 'removed',
    )
    expect(gone).toHaveLength(3)

    const many = await adopted({ traits: WHOLE, participants: 60 })
    for (const key of many.numbers().slice(0, 25)) remove(many.world, many.event.id, key)
    await many.sync()
    expect(await holdsOf(many)).toMatchObject([{ kind: 'removal', state: 'open', absent: 25 }])
  })

  it('leaves rows without a registration number as they are', async () => {
    const r = await adopted({ traits: WHOLE, participants: 5 })
    await sql`INSERT INTO haku_participants (event_id, timing_partner_id, first_name) VALUES (${r.event.id}, ${r.partnerId}, 'Keyless')`.execute(
      r.db,
    )
    await r.settled()
    await r.sweep()
    const { rows } =
      await sql`SELECT first_name, removed_at FROM haku_participants WHERE participant_id IS NULL`.execute(
        r.db,
      )
    expect(rows).toEqual([{ first_name: 'Keyless', removed_at: null }])
  })
})

describe('a bib of the older system (D3)', () => {
  const LISTED = { participants: 5 }

  it('is effective until the provider’s first answer, which a list without bibs is not', async () => {
    const r = await adopted(LISTED, () => ({ bib: '412' }))
    for (const key of r.numbers()) give(r, key, '7', null)
    r.haku.faults.add({ match: { endpoint: 'detail' }, fault: { kind: 'status', status: 500 } })
    await r.sync()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '412', provider_bib: null, local_bib: null })
  })

  it('gives way to the provider’s', async () => {
    const r = await adopted(LISTED, () => ({ bib: '412' }))
    for (const key of r.numbers()) give(r, key, '7', null)
    await r.sync()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '7', provider_bib: '7', local_bib: null })
  })

  it('that equals the chip is cleared, with an entry of the feed', async () => {
    const r = await adopted(LISTED, () => ({ bib: 'C0FFEE' }))
    for (const key of r.numbers()) give(r, key, null, 'C0FFEE')
    await r.sync()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: null, provider_bib: null, local_bib: null })
    const entries = (await feedOf(r.db, r.event.id, r.partnerId)).filter(({ key }) => key === r.nth(0))
    expect(entries.flatMap(({ fields }) => (fields.bib_number ? [fields.bib_number] : []))).toEqual([
      ['C0FFEE', null],
    ])
  })

  it('stays, as the local one, where the provider has none: an empty answer takes nobody’s bib away', async () => {
    const r = await adopted(LISTED, () => ({ bib: '412' }))
    for (const key of r.numbers()) give(r, key, null, 'C0FFEE')
    await r.settled()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '412', provider_bib: null, local_bib: '412' })
    give(r, r.nth(0), '8', null)
    await r.poll()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '8', provider_bib: '8', local_bib: '412' })
  })

  it('stays the effective one where bibs are this partner’s to give', async () => {
    const r = await adopted(LISTED, () => ({ bib: '412' }))
    await sql`UPDATE haku_events SET bib_authority = 'local'`.execute(r.db)
    for (const key of r.numbers()) give(r, key, '7', null)
    await r.sync()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '412', provider_bib: '7', local_bib: '412' })
  })

  it('that an older duplicate had is local already, and is left alone (M4)', async () => {
    const r = await adopted(LISTED, () => ({ bib: '777', localBib: '777' }))
    for (const key of r.numbers()) give(r, key, null, null)
    await r.sync()
    expect(await bibsOf(r, r.nth(0))).toEqual({ bib_number: '777', provider_bib: null, local_bib: '777' })
  })
})
