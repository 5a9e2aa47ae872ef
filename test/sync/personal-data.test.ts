import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { assignBibs, world } from '../../src/simulator/index.ts'
import { countTraces, registrationsOf } from '../../src/store/forgotten.ts'
import { setPartnerKeptParts } from '../../src/store/partners.ts'
import { forgetRegistrations } from '../../src/sync/forget.ts'
import { type Installation, install, START } from '../helpers/installation.ts'

let installation: Installation | undefined
afterEach(async () => {
  await installation?.stop()
  installation = undefined
})

interface Row {
  key: string
  first: string | null
  last: string | null
  email: string | null
  born: string | null
  bib: string | null
  status: string
  all: string
}

async function race(participants = 12) {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 5 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants })
  installation = await install({ clock, world: w })
  const { db, haku } = installation
  const partnerId = await installation.addPartner('Alder Timing')
  await installation.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
  await installation.discover(organization.clientId)
  const sync = (request = {}) => (installation as Installation).sync(organization.clientId, request)
  await sync()
  const rows = async () =>
    (
      await sql<Row>`SELECT participant_id AS key, first_name AS first, last_name AS last, email,
        date_of_birth::text AS born, bib_number AS bib, registration_status AS status, to_jsonb(p)::text AS all
        FROM haku_participants p ORDER BY participant_id`.execute(db)
    ).rows
  const feed = async () =>
    (
      await sql<{
        n: number
        text: string
      }>`SELECT count(*)::int AS n, coalesce(string_agg(fields::text, ' '), '') AS text
        FROM participant_changes`.execute(db)
    ).rows[0]!
  return { clock, w, event, db, haku, partnerId, sync, rows, feed }
}

describe('what a timing partner keeps', () => {
  it('has no device data and no free-text answers by default, and a quiet poll stays one call', async () => {
    const { rows, sync, haku, feed, clock } = await race()
    const stored = (await rows()).map(({ all }) => all).join()
    expect(stored).not.toMatch(/Mobile Safari|additional_questions|"device"/)
    expect(stored).toContain('emergency_contact')
    const before = await feed()
    clock.advance(3_600_000)
    const { last } = haku.calls
    await sync()
    expect(haku.calls.list({ afterCall: last }).filter(({ endpoint }) => endpoint !== 'token')).toHaveLength(
      1,
    )
    expect(await feed()).toEqual(before)
  })

  it('made stricter, goes from rows, records and feed at the next poll, without a call or an entry', async () => {
    const { db, partnerId, rows, sync, feed, haku, clock } = await race()
    const before = await feed()
    const sample = (await rows())[0]!
    expect(before.text).toContain(sample.email)
    await setPartnerKeptParts(db, partnerId, 'birth')
    clock.advance(3_600_000)
    const { last } = haku.calls
    await sync()
    expect(haku.calls.list({ afterCall: last }).filter(({ endpoint }) => endpoint !== 'token')).toHaveLength(
      1,
    )
    const after = await feed()
    expect(after.n).toBe(before.n)
    expect(after.text).not.toMatch(/@|emergency_contact|amount_paid/)
    for (const row of await rows()) {
      expect(row.all).not.toMatch(/@|"emergency_contact_name"|"transaction_amount"/)
      expect(row).toMatchObject({ email: null, born: expect.any(String), first: expect.any(String) })
    }
  })

  it('stays left out when somebody changes, and the change itself is told', async () => {
    const { db, w, event, partnerId, rows, sync, feed, clock } = await race()
    await setPartnerKeptParts(db, partnerId, 'none')
    await sync()
    const before = await feed()
    clock.advance(60_000)
    assignBibs(w, event.id)
    await sync()
    expect(
      (await rows()).every(({ bib, email, born }) => bib !== null && email === null && born === null),
    ).toBe(true)
    const after = await feed()
    expect(after.n).toBeGreaterThan(before.n)
    expect(after.text).not.toContain('@')
  })
})

describe('who was forgotten', () => {
  it('stays forgotten when the provider sends everything again, while bib and status go on', async () => {
    const { db, w, event, rows, sync, feed, clock } = await race()
    const person = (await rows())[3]!
    const names = {
      firstName: person.first!,
      lastName: person.last!.toUpperCase(),
      dateOfBirth: person.born!,
    }
    const keys = await registrationsOf(db, 'haku', names)
    expect(keys).toEqual([person.key])
    const entries = (await feed()).n
    await forgetRegistrations(db, { provider: 'haku', keys })
    clock.advance(60_000)
    assignBibs(w, event.id)
    await sync()
    await sync({ full: true, details: true })
    const after = (await rows()).find(({ key }) => key === person.key)!
    expect(after).toMatchObject({ first: null, last: null, email: null, born: null, status: 'active' })
    expect(after.bib).not.toBeNull()
    expect(after.all).not.toContain(person.email)
    const { n, text } = await feed()
    expect(n).toBeGreaterThan(entries)
    expect(text).not.toContain(person.email)
    expect((await rows()).filter(({ email }) => email !== null)).toHaveLength(11)
    expect(await registrationsOf(db, 'haku', names)).toEqual([])
  })

  it('is in no feed entry, reject or row that was set aside', async () => {
    const { db, rows } = await race()
    const { key } = (await rows())[0]!
    await sql`INSERT INTO rejected_records (provider, timing_partner_id, account_id, event_id, kind, record_key, field,
        reason, raw, first_seen, last_seen)
      SELECT 'haku', timing_partner_id, account_id, event_id, 'field', ${key}, 'phone', 'odd', 'ring me', startlist.clock(),
        startlist.clock() FROM partner_sync`.execute(db)
    await sql`CREATE TABLE haku_participants_duplicates AS SELECT * FROM haku_participants WHERE participant_id = ${key}`.execute(
      db,
    )
    const of = { provider: 'haku' as const, keys: [key] }
    expect(await countTraces(db, of)).toMatchObject({ registrations: 1, rejects: 1, duplicates: 1 })
    await forgetRegistrations(db, of)
    expect(await countTraces(db, of)).toMatchObject({ registrations: 1, rejects: 0, duplicates: 0 })
    const { rows: left } = await sql<{ fields: string }>`SELECT fields::text FROM participant_changes
      WHERE participant_id = ${key} AND fields ?| ARRAY['first_name', 'email', 'gender', 'date_of_birth']`.execute(
      db,
    )
    expect(left).toEqual([])
    const { rows: kept } = await sql<{ text: string }>`SELECT f::text AS text FROM forgotten f`.execute(db)
    expect(kept).toHaveLength(1)
    expect(kept[0]?.text).not.toContain(key)
  })
})
