import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { cancel, editPerson, moveEvent, setBib, swapBibs } from '../../src/simulator/index.ts'
import { feedOf, type Race, race, rowOf, stopRace } from './crash/race.ts'

afterEach(stopRace)

const failing = (r: Race, number: string, status = 500) =>
  r.haku.faults.add({ match: { endpoint: 'detail', number }, fault: { kind: 'status', status } })

describe('a detail that always answers 500', () => {
  it('costs no other runner the bib, and itself ever fewer calls (F2; defects 3, 4)', async () => {
    const r = await race({ participants: 30 })
    const poison = r.nth(10)
    const rule = failing(r, poison)
    const outcome = await r.sync()
    expect(outcome.events[0]?.error?.code).toBe('PROVIDER_DOWN')
    expect(await r.differences()).toEqual(
      (await r.differences()).filter((difference) => difference.key === poison),
    )
    // An hour of polls each minute: 1, 2, 4 ... minutes apart, three attempts each.
    const calls = await r.callsOf(async () => {
      for (let i = 0; i < 60; i++) await r.poll()
    })
    expect(calls.detail).toBeLessThanOrEqual(6 * 3)
    rule.remove()
    r.clock.advance(3_600_000)
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('for three runners, polled every 4 hours, keeps nobody else from theirs (F2)', async () => {
    const r = await race({ participants: 12, startsAt: '2026-05-20T07:00:00' })
    for (const n of r.numbers().slice(0, 3)) failing(r, n)
    for (let i = 0; i < 2; i++) {
      await r.sync()
      r.clock.advance(4 * 3_600_000)
    }
    const pending = new Set((await r.differences()).map((difference) => difference.key))
    expect([...pending].sort()).toEqual(r.numbers().slice(0, 3).sort())
  })

  it('for everybody of many events stops asking after the third (F2, N4)', async () => {
    const also = Array.from({ length: 7 }, (_, i) => ({
      startsAt: `2026-05-1${i}T07:00:00`,
      participants: 5,
    }))
    const r = await race({ participants: 5, also })
    r.haku.faults.add({ match: { endpoint: 'detail' }, fault: { kind: 'status', status: 500 } })
    const calls = await r.callsOf(() => r.sync())
    expect(calls.detail).toBeLessThanOrEqual(3 * 3 * 3)
  })

  it('is asked for again, once, by who wants every detail, however long it is put off (F2, F4)', async () => {
    const r = await race({ participants: 12 })
    const rule = failing(r, r.nth(4))
    for (let i = 0; i < 6; i++) {
      await r.sync()
      r.clock.advance(16 * 60_000)
    }
    await r.sync()
    const { detail } = await r.callsOf(() => r.sync({ full: true, details: true }))
    expect(detail).toBe(11 + 3)
    rule.remove()
    expect((await r.sync({ full: true })).events[0]?.error).toBeNull()
    expect((await r.differences()).length).toBeGreaterThan(0)
    await r.sync({ full: true, details: true })
    expect(await r.differences()).toEqual([])
  })
})

describe('a detail that', () => {
  it('is not there for a listed runner is a finding and no removal (F2)', async () => {
    const r = await race({ participants: 12 })
    const key = r.nth(4)
    const rule = failing(r, key, 404)
    expect(await r.sync()).toMatchObject({ events: [{ error: null }] })
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: false, detail_read: false })
    expect(await rejectsOf(r)).toMatchObject([{ kind: 'field', record_key: key, field: 'detail' }])
    rule.remove()
    await r.poll()
    expect(await rejectsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })

  it('PostgreSQL refuses is asked for once at a time, and never in a circle (D2, F2; defect 42)', async () => {
    const r = await race({ participants: 12 })
    await sql`ALTER TABLE haku_participants ADD CONSTRAINT never CHECK (provider_bib <> '666')`.execute(r.db)
    const key = r.nth(4)
    r.world.registration(r.event.id, key).categories[0]!.tagNumber = '666'
    // A circle would end here, with an error instead of an answer.
    const stop = AbortSignal.timeout(20_000)
    const calls = await r.callsOf(() => r.sync({}, { signal: stop }))
    expect(calls.detail).toBe(12)
    expect((await r.differences()).filter((d) => d.key !== key)).toEqual([])
    expect(await rejectsOf(r)).toMatchObject([{ kind: 'record', record_key: key }])
    await sql`ALTER TABLE haku_participants DROP CONSTRAINT never`.execute(r.db)
    await r.poll()
    expect(await rejectsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })

  it('is of somebody else is taken by nobody (F2)', async () => {
    const r = await race({ participants: 12 })
    const [mine, other] = [r.nth(4), r.nth(5)]
    const real = fetch
    r.installation.services.fetch = (url, init) =>
      real(String(url).endsWith(`/${mine}`) ? String(url).replace(mine, other) : url, init)
    await r.sync()
    expect(await rowOf(r.db, r.event.id, mine)).toMatchObject({ detail_read: false, date_of_birth: null })
    delete r.installation.services.fetch
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

describe('a start list before its details', () => {
  it('has all names after a few calls, and says that the rest is pending (F3)', async () => {
    const r = await race({ participants: 60, env: { HAKU_QUOTA_PER_HOUR: '20' } })
    const outcome = await r.sync({ eventId: r.event.id })
    expect([outcome.stopped?.code, outcome.events[0]?.error?.code]).toContain('QUOTA_SPENT')
    const { rows } = await sql<{ named: number; pending: number }>`
      SELECT count(last_name)::int AS named, count(*) FILTER (WHERE detail_read_at IS NULL)::int AS pending
      FROM haku_participants`.execute(r.db)
    expect(rows[0]?.named).toBeGreaterThan(50)
    expect(rows[0]?.pending).toBeGreaterThan(40)
    r.installation.services.config.haku.quotaPerHour = 100_000
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('keeps bib and birth date while the detail of a changed row is owed (F3; defect 49)', async () => {
    const r = await race({ participants: 30 })
    await r.settled()
    const key = r.nth(4)
    const before = await rowOf(r.db, r.event.id, key)
    const rule = failing(r, key)
    editPerson(r.world, r.event.id, key, { email: 'new-address@example.com' })
    await r.poll()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({
      email: 'new-address@example.com',
      bib_number: before?.bib_number,
      date_of_birth: before?.date_of_birth,
      first_name: before?.first_name,
      owed: true,
    })
    rule.remove()
    r.clock.advance(120_000)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it.each(['missing', 'thin'] as const)(
    'keeps all bibs when the list of whole registrations is suddenly %s (F1, F3; defect 49)',
    async (form) => {
      const r = await race({ participants: 30, traits: { registrationsList: 'whole' } })
      await r.settled()
      r.haku.traits.registrationsList = form
      const down = r.haku.faults.add({
        match: { endpoint: 'detail' },
        fault: { kind: 'status', status: 503 },
      })
      await r.poll()
      await r.poll()
      expect(await r.differences()).toEqual([])
      down.remove()
      r.clock.advance(3_600_000)
      await r.poll()
      expect(await r.differences()).toEqual([])
      // The thin list tells the age; nothing else has changed for anybody, not even for a moment.
      const changed = (await feedOf(r.db, r.event.id, r.partnerId)).filter(
        (entry) => entry.change !== 'added',
      )
      expect(changed.filter((entry) => Object.keys(entry.fields).join() !== 'listed_age')).toEqual([])
    },
  )
})

describe('touches that the list does not show', () => {
  it.each(['detail', 'nested'] as const)(
    'in the %s alone are found by re-reading details (F4)',
    async (touch) => {
      const r = await race({ participants: 30 })
      await r.settled()
      swapBibs(r.world, r.event.id, r.nth(3), r.nth(4), touch)
      editPerson(r.world, r.event.id, r.nth(5), { phone: '555-000-9999' }, touch)
      expect((await r.callsOf(() => r.poll())).all).toBe(1)
      expect((await r.differences()).length).toBeGreaterThan(0)
      await r.sweep({ details: true })
      expect(await r.differences()).toEqual([])
    },
  )

  it('are found by a full sync once details are over their limit, without asking for more (F4)', async () => {
    const r = await race({ participants: 30, startsAt: '2026-05-06T07:00:00' })
    await r.settled()
    setBib(r.world, r.event.id, r.nth(3), '33', 'nested')
    expect((await r.callsOf(() => r.sweep())).detail).toBe(0)
    r.clock.advance(25 * 3_600_000)
    expect((await r.callsOf(() => r.sweep())).detail).toBe(30)
    expect(await r.differences()).toEqual([])
  })

  it('hide no cancellation that the list does show (F2; defect 9)', async () => {
    const r = await race({ participants: 30 })
    await r.settled()
    failing(r, r.nth(3))
    cancel(r.world, r.event.id, r.nth(3))
    await r.poll()
    expect(await rowOf(r.db, r.event.id, r.nth(3))).toMatchObject({ registration_status: 'cancelled' })
  })
})

describe('rows that are computed anew', () => {
  it('have the age of a moved race day, without a call (F5; defects 18, 25)', async () => {
    const r = await race({ participants: 30, startsAt: '2026-05-20T07:00:00' })
    await r.settled()
    moveEvent(r.world, r.event.id, '2026-12-20T07:00:00')
    r.clock.advance(86_400_000)
    await r.installation.discover(r.clientId)
    const { last } = r.haku.calls
    await r.sync()
    // Details stay as they are: the list's own ages moved, and its rows with them.
    const computed = await feedOf(r.db, r.event.id, r.partnerId)
    const aged = computed.filter((entry) => 'age_on_race_day' in entry.fields && entry.change === 'changed')
    expect(aged.length).toBeGreaterThan(0)
    expect((await r.differences()).filter((d) => d.what === 'age')).toEqual([])
    expect(r.haku.calls.count({ afterCall: last, endpoint: 'participants' })).toBeGreaterThan(0)
  })

  it('after a new mapping differ in the feed only where they differ, without a call (F5)', async () => {
    const r = await race({ participants: 30 })
    await r.settled()
    const before = (await feedOf(r.db, r.event.id, r.partnerId)).length
    // As an older release would have left them: one name read otherwise.
    await sql`UPDATE haku_participants SET mapping_version = 0`.execute(r.db)
    await sql`UPDATE haku_participants SET first_name = 'Misread' WHERE participant_id = ${r.nth(7)}`.execute(
      r.db,
    )
    await sql`UPDATE partner_sync SET derived_from = regexp_replace(derived_from, '^\\[\\d+,', '[0,')`.execute(
      r.db,
    )
    expect((await r.callsOf(() => r.sync())).all).toBe(1)
    expect(await r.differences()).toEqual([])
    const feed = (await feedOf(r.db, r.event.id, r.partnerId)).slice(before)
    expect(feed.map(({ key, fields }) => [key, Object.keys(fields)])).toEqual([[r.nth(7), ['first_name']]])
    const { rows } = await sql<{ old: number }>`
      SELECT count(*) FILTER (WHERE mapping_version = 0)::int AS old FROM haku_participants`.execute(r.db)
    expect(rows[0]?.old).toBe(0)
  })
})

async function rejectsOf(r: Race) {
  const { rows } = await sql<{ kind: string; record_key: string; field: string; reason: string }>`
    SELECT kind, record_key, field, reason FROM rejected_records WHERE event_id = ${r.event.id}
    ORDER BY reject_id`.execute(r.db)
  return rows
}
