import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { hide, register, remove, removeEvent, restore, restoreEvent } from '../../src/simulator/index.ts'
import { removeCredential } from '../../src/store/partners.ts'
import { countRows, feedFaults, feedOf, type Race, race, rowOf, stateOf, stopRace } from './crash/race.ts'

afterEach(stopRace)

/** Lists with whole records: absence is about lists, and details would only cost time. */
const WHOLE = { registrationsList: 'whole' } as const

async function holdsOf({ db }: Race) {
  const { rows } = await sql<{ kind: string; state: string; absent: number; known: number }>`
    SELECT kind, state, absent, known FROM holds ORDER BY hold_id`.execute(db)
  return rows
}

async function removals({ db, event, partnerId }: Race): Promise<string[]> {
  const feed = await feedOf(db, event.id, partnerId)
  return feed.filter((entry) => entry.change === 'removed').map((entry) => entry.key)
}

async function settled(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ traits: WHOLE, ...options })
  await r.settled()
  return r
}

describe('a runner who is missing from a list', () => {
  it('where no single read exists is removed when two finished sweeps miss it, and back when it is listed (A1)', async () => {
    const r = await settled({ traits: { ...WHOLE, detail: 'missing' } })
    const gone = r.nth(3)
    remove(r.world, r.event.id, gone)
    expect((await r.sweep()).events[0]?.lines[0]).toMatchObject({ removed: 0, complete: true })
    await r.poll()
    expect(await removals(r)).toEqual([])
    expect((await r.sweep()).events[0]?.lines[0]).toMatchObject({ removed: 1, complete: true })
    expect(await removals(r)).toEqual([gone])
    restore(r.world, r.event.id, gone)
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('that one sweep missed and the next one shows is not counted twice (A1)', async () => {
    const r = await settled({ traits: { ...WHOLE, detail: 'missing' } })
    const hidden = r.nth(3)
    for (let times = 0; times < 3; times++) {
      hide(r.world, r.event.id, hidden)
      await r.sweep()
      restore(r.world, r.event.id, hidden)
      await r.sweep()
    }
    expect(await removals(r)).toEqual([])
  })

  it('is left alone by a single read that is out of order, where it has answered before (A1)', async () => {
    const r = await settled({ traits: {} })
    r.haku.traits.detail = 'missing'
    const gone = r.nth(3)
    remove(r.world, r.event.id, gone)
    for (let sweeps = 0; sweeps < 3; sweeps++) await r.sweep()
    expect(await removals(r)).toEqual([])
    r.haku.traits.detail = 'present'
    await r.sweep()
    expect(await removals(r)).toEqual([gone])
  })

  it('is removed when the single read says 404 and others are read as ever (A1, A4; defects 8, 9)', async () => {
    const r = await settled()
    const gone = [r.nth(3), r.nth(30)]
    for (const n of gone) remove(r.world, r.event.id, n)
    const outcome = await r.sweep()
    expect(outcome.events[0]?.lines[0]).toMatchObject({ removed: 2, complete: true })
    expect((await removals(r)).sort()).toEqual(gone.sort())
    expect(await rowOf(r.db, r.event.id, gone[0] ?? '')).toMatchObject({ removed: true })
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('who was only hidden stays on the start list, until two sweeps agree (A1)', async () => {
    const r = await settled()
    const key = r.nth(5)
    hide(r.world, r.event.id, key)
    await r.sweep()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: false, absences: 1 })
    await r.sweep()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: true, removal_note: 'unlisted' })
    restore(r.world, r.event.id, key)
    await r.poll()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: false, absences: 0 })
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('is not removed by a 404 while every single read answers 404 (A1)', async () => {
    const r = await settled()
    remove(r.world, r.event.id, r.nth(3))
    r.haku.traits.detail = 'missing'
    const outcome = await r.sweep()
    expect(outcome.events[0]).toMatchObject({ error: null, lines: [{ removed: 0 }] })
    expect(await removals(r)).toEqual([])
    r.haku.traits.detail = 'present'
    await r.sweep()
    expect(await r.differences()).toEqual([])
  })

  it('whose single read always fails keeps no event from being complete (A1, F2)', async () => {
    const r = await settled()
    const poison = r.nth(3)
    for (const n of [poison, r.nth(4), r.nth(5)]) remove(r.world, r.event.id, n)
    const rule = r.haku.faults.add({
      match: { endpoint: 'detail', number: poison },
      fault: { kind: 'status', status: 500 },
    })
    const outcome = await r.sweep()
    expect(outcome.events[0]).toMatchObject({ error: null, lines: [{ removed: 2, complete: true }] })
    expect(await rowOf(r.db, r.event.id, poison)).toMatchObject({ removed: false })
    rule.remove()
    await r.sweep()
    expect(await r.differences()).toEqual([])
  })

  it('comes back with an entry in the feed, bib and all (A4)', async () => {
    const r = await settled()
    const key = r.nth(7)
    remove(r.world, r.event.id, key)
    await r.sweep()
    restore(r.world, r.event.id, key)
    await r.poll()
    const entry = (await feedOf(r.db, r.event.id, r.partnerId)).at(-1)
    expect(entry).toMatchObject({ key, change: 'restored' })
    expect(await r.differences()).toEqual([])
  })
})

describe('a list that lost too much', () => {
  it('by being empty removes nobody, sweep or poll, and is shown as a hold (A2; defects 2, 7)', async () => {
    const r = await settled()
    const before = await stateOf(r.db, r.event.id)
    r.haku.faults.add({ match: { endpoint: ['participants', 'registrations'] }, fault: { kind: 'empty' } })
    const poll = await r.poll()
    expect(poll.events[0]?.held).toBe(true)
    const sweep = await r.sweep()
    expect(sweep.events[0]).toMatchObject({ held: true, lines: [{ removed: 0, complete: false }] })
    expect(await holdsOf(r)).toMatchObject([{ kind: 'removal', state: 'open', absent: 60, known: 60 }])
    expect(await removals(r)).toEqual([])
    expect((await stateOf(r.db, r.event.id)).watermark).toBe(before.watermark)
    r.haku.faults.clear()
    await r.sweep()
    expect(await holdsOf(r)).toMatchObject([{ state: 'superseded' }])
    expect(await r.differences()).toEqual([])
  })

  it('by being empty for one poll hides no change of that minute (A2, W5)', async () => {
    const r = await race({ traits: WHOLE })
    await r.sync()
    r.clock.advance(60_000)
    const key = r.nth(9)
    r.world.registration(r.event.id, key).person.phone = '999-555-7001'
    await r.sync()
    r.haku.faults.add({ match: { page: 1 }, times: 1, fault: { kind: 'empty' } })
    const outcome = await r.poll()
    expect(outcome.events[0]).toMatchObject({ error: null, held: false })
    expect(outcome.events[0]?.lines[0]?.seen).toBeGreaterThan(0)
  })

  it('by half removes nobody (A2)', async () => {
    const r = await settled({ participants: 40 })
    for (const n of r.numbers().slice(0, 22)) remove(r.world, r.event.id, n)
    const outcome = await r.sweep()
    expect(outcome.events[0]).toMatchObject({ held: true, lines: [{ removed: 0 }] })
    expect(await holdsOf(r)).toMatchObject([{ kind: 'removal', state: 'open', absent: 22, known: 40 }])
    expect(await removals(r)).toEqual([])
    // It is said again, not opened again, and the samples are not paid for twice.
    const again = await r.callsOf(() => r.sweep())
    expect(again.detail).toBe(0)
    expect(await holdsOf(r)).toHaveLength(1)
  })

  it('by three of four is held however small the event is (A2)', async () => {
    const r = await settled({ participants: 4 })
    for (const n of r.numbers().slice(0, 3)) remove(r.world, r.event.id, n)
    expect((await r.sweep()).events[0]?.held).toBe(true)
    expect(await removals(r)).toEqual([])
  })

  it('by 21 of 300 is held, by 20 is asked for one by one (A2)', async () => {
    const r = await settled({ participants: 300, traits: { ...WHOLE, pageCap: 100 } })
    const numbers = r.numbers()
    for (const n of numbers.slice(0, 20)) remove(r.world, r.event.id, n)
    const calls = await r.callsOf(() => r.sweep())
    expect(calls.detail).toBeLessThanOrEqual(21)
    expect(await removals(r)).toHaveLength(20)
    for (const n of numbers.slice(20, 41)) remove(r.world, r.event.id, n)
    expect((await r.sweep()).events[0]?.held).toBe(true)
    expect(await removals(r)).toHaveLength(20)
  })

  it('of people who prove to be alive is read again, and removes nobody (A2)', async () => {
    const r = await settled()
    const hidden = r.numbers().slice(0, 30)
    for (const n of hidden) hide(r.world, r.event.id, n)
    // The list is itself again when it is read for the second time.
    let firstPages = 0
    const real = fetch
    r.installation.services.fetch = (url, init) => {
      if (String(url).includes('page=1&') && ++firstPages === 2) {
        for (const n of hidden) r.world.registration(r.event.id, n).hidden = false
        r.event.version++
      }
      return real(url, init)
    }
    const outcome = await r.sweep()
    delete r.installation.services.fetch
    expect(outcome.events[0]).toMatchObject({
      error: null,
      held: false,
      lines: [{ removed: 0, complete: true }],
    })
    expect(await holdsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })

  it('of people who are alive, twice, is held and removes nobody (A2)', async () => {
    const r = await settled()
    for (const n of r.numbers().slice(0, 30)) hide(r.world, r.event.id, n)
    const calls = await r.callsOf(async () => {
      const outcome = await r.sweep()
      expect(outcome.events[0]).toMatchObject({ error: null, held: true, lines: [{ removed: 0 }] })
    })
    expect(calls.all).toBeLessThanOrEqual(2 * (3 + 1 + 5))
    expect(await removals(r)).toEqual([])
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60)
  })
})

describe("another event's list", () => {
  async function two(): Promise<Race> {
    const r = await race({ traits: WHOLE, also: [{ startsAt: '2026-05-03T07:00:00', participants: 40 }] })
    await r.settled()
    return r
  }

  it('shown once is asked again, and nobody of it is stored (A3)', async () => {
    const r = await two()
    r.haku.faults.add({ match: { eventId: r.event.id }, times: 1, fault: { kind: 'foreign' } })
    const calls = await r.callsOf(() => r.poll())
    expect(calls.all).toBe(2 + 1)
    expect(await holdsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })

  it('shown again is held and stored by nobody; the next good poll closes the hold (A3)', async () => {
    const r = await two()
    const before = await stateOf(r.db, r.event.id)
    r.haku.faults.add({ match: { eventId: r.event.id }, fault: { kind: 'foreign' } })
    const calls = await r.callsOf(async () => {
      const outcome = await r.poll()
      expect(outcome.events[0]).toMatchObject({ held: true, error: { code: 'FOREIGN_LIST' } })
      // The other event is not hidden by it.
      expect(outcome.events[1]).toMatchObject({ error: null })
    })
    expect(calls.all).toBeLessThanOrEqual(3 + 1)
    expect(await holdsOf(r)).toMatchObject([{ kind: 'foreign_list', state: 'open' }])
    expect((await stateOf(r.db, r.event.id)).watermark).toBe(before.watermark)
    r.haku.faults.clear()
    await r.poll()
    expect(await holdsOf(r)).toMatchObject([{ state: 'superseded' }])
    expect(await r.differences()).toEqual([])
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60)
  })

  it('is not taken either by a credential that came back and begins anew (A3, S2)', async () => {
    const r = await two()
    await removeCredential(r.db, r.credentialId)
    await r.installation.addCredential(r.partnerId, r.clientId, r.organization.secrets[0] ?? '')
    await r.installation.discover(r.clientId)
    r.haku.faults.add({ match: { eventId: r.event.id }, fault: { kind: 'foreign' } })
    const outcome = await r.poll()
    expect(outcome.events[0]?.error?.code).toBe('FOREIGN_LIST')
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60)
    r.haku.faults.clear()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })

  it('is not what sixty new people of a club are: they are stored, for two calls more (A3)', async () => {
    const r = await settled()
    for (let i = 0; i < 60; i++) register(r.world, r.event.id)
    const calls = await r.callsOf(async () => {
      const outcome = await r.poll()
      expect(outcome.events[0]).toMatchObject({ error: null, held: false, lines: [{ inserted: 60 }] })
    })
    expect(calls.all).toBeLessThanOrEqual(Math.floor(60 / 25) + 1 + 2)
    expect(await holdsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })
})

describe('an event that is gone at its provider', () => {
  it('keeps its rows, costs no more calls, and comes back with a sweep (A4; defect 25)', async () => {
    const r = await settled()
    removeEvent(r.world, r.event.id)
    const outcome = await r.poll()
    expect(outcome.events[0]?.error?.code).toBe('NOT_FOUND')
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60)
    expect((await r.callsOf(() => r.poll())).all).toBe(0)
    restoreEvent(r.world, r.event.id)
    remove(r.world, r.event.id, r.nth(11))
    await r.installation.discover(r.clientId)
    const back = await r.poll()
    expect(back.events[0]?.lines[0]).toMatchObject({ kind: 'sweep', removed: 1, complete: true })
    expect(await r.differences()).toEqual([])
  })

  it('comes back by name as well (A4)', async () => {
    const r = await settled()
    removeEvent(r.world, r.event.id)
    await r.poll()
    restoreEvent(r.world, r.event.id)
    remove(r.world, r.event.id, r.nth(11))
    r.clock.advance(60_000)
    const back = await r.sync({ eventId: r.event.id })
    expect(back.events[0]?.lines[0]).toMatchObject({ kind: 'sweep', removed: 1 })
  })

  it('is not one whose record in the list of events is broken: it is polled on (A4, D2)', async () => {
    const r = await settled()
    r.clock.advance(2 * 86_400_000 - 20 * 3_600_000)
    r.haku.faults.add({
      match: { endpoint: 'events' },
      fault: { kind: 'malformed', defects: ['null'], numbers: [''] },
    })
    const [found] = await r.installation.discover(r.clientId)
    expect(found).toMatchObject({ missing: 0 })
    const { rows } = await sql<{ n: number }>`
      SELECT count(*)::int AS n FROM haku_events WHERE missing_since IS NOT NULL`.execute(r.db)
    expect(rows[0]?.n).toBe(0)
  })

  it.each([3, 6])('with %i others hides no event that is still there (A4; defect 32)', async (many) => {
    const r = await race({ traits: WHOLE, startsAt: '2026-05-10T07:00:00' })
    const gone = Array.from({ length: many }, (_, i) =>
      r.world.addEvent(r.organization, { startsAt: `2026-05-0${i + 2}T07:00:00`, participants: 2 }),
    )
    r.clock.advance(25 * 3_600_000)
    await r.installation.discover(r.clientId)
    for (const event of gone) removeEvent(r.world, event.id)
    const outcome = await r.sync({ past: true })
    expect(outcome.stopped).toBeNull()
    expect(outcome.events.find((e) => e.eventId === r.event.id)).toMatchObject({ error: null })
    expect(await r.differences()).toEqual([])
  })
})
