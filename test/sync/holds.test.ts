import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { StartlistError } from '../../src/domain/errors.ts'
import { cancel, hide, register, remove, removeEvent, restore } from '../../src/simulator/index.ts'
import { applyHold, discardHold } from '../../src/sync/holds.ts'
import { undoRuns } from '../../src/sync/undo.ts'
import { countRows, feedFaults, feedOf, type Race, race, rowOf, stopRace } from './crash/race.ts'
import { HOUR, holdsOf, openHoldId, runsOf, WHOLE } from './decisions.ts'

afterEach(stopRace)

/** Nine days ahead: agreeing sweeps have room. */
const FAR = '2026-05-10T07:00:00'

async function settled(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ traits: WHOLE, ...options })
  await r.settled()
  return r
}

/** An event that has lost these registrations for good, and the hold that a sweep opened. */
async function held(participants: number, gone: number, startsAt = FAR): Promise<Race> {
  const r = await settled({ participants, startsAt })
  for (const n of r.numbers().slice(0, gone)) remove(r.world, r.event.id, n)
  expect((await r.sweep()).events[0]).toMatchObject({ held: true, lines: [{ removed: 0 }] })
  return r
}

const live = (r: Race) => countRows(r.db, r.event.id, r.partnerId)

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'was not refused',
    (error: unknown) => (error instanceof StartlistError ? error.code : String(error)),
  )
}

describe('a hold that a person applies', () => {
  it.each([
    // Pages of 25, a page to confirm a short or an empty end, five samples.
    { what: 'half a list', participants: 40, gone: 22, list: 2, detail: 5 },
    { what: 'a lawful mass cancellation', participants: 100, gone: 60, list: 3, detail: 5 },
    { what: 'an event of 12 people, all gone', participants: 12, gone: 12, list: 1, detail: 5 },
  ])('$what: removes them without a call, and undo brings all back (A2, A3)', async (given) => {
    const r = await settled({ participants: given.participants })
    const before = await feedOf(r.db, r.event.id, r.partnerId)
    for (const n of r.numbers().slice(0, given.gone)) remove(r.world, r.event.id, n)
    const sweep = await r.callsOf(() => r.sweep())
    expect(sweep).toMatchObject({ detail: given.detail })
    expect(sweep.list).toBeLessThanOrEqual(given.list)
    expect(await live(r)).toBe(given.participants)

    const holdId = await openHoldId(r)
    const calls = await r.callsOf(async () => {
      const applied = await applyHold(r.installation.services, holdId, 'Ana')
      expect(applied).toMatchObject({ removed: given.gone, runIds: [expect.any(Number)] })
    })
    expect(calls.all).toBe(0)
    expect(await live(r)).toBe(given.participants - given.gone)
    expect(await r.differences()).toEqual([])
    expect(await holdsOf(r)).toMatchObject([{ state: 'applied', decided_by: 'Ana' }])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])

    const undone = await undoRuns(r.installation.services, {
      runIds: await runsOf(r, 'hold'),
      onlyUntouched: false,
    })
    expect(undone).toMatchObject([{ restored: given.gone, skipped: 0, rereads: 0, holdIds: [holdId] }])
    expect(await live(r)).toBe(given.participants)
    expect(await feedOf(r.db, r.event.id, r.partnerId)).toHaveLength(before.length + 2 * given.gone)
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    expect(await holdsOf(r)).toMatchObject([{ state: 'open', decided_by: null }])
  })

  it('leaves who came back to the list since, even where nothing else of them changed (A2)', async () => {
    const r = await settled({ participants: 40 })
    const hidden = r.numbers().slice(0, 30)
    for (const n of hidden) hide(r.world, r.event.id, n)
    await r.sweep()
    const [back] = hidden
    if (back === undefined) throw new Error('nobody is hidden')
    restore(r.world, r.event.id, back)
    await r.poll()
    const { removed } = await applyHold(r.installation.services, await openHoldId(r), 'Ana')
    expect(removed).toBe(29)
    expect(await rowOf(r.db, r.event.id, back)).toMatchObject({ removed: false })
  })

  it('is applied once, by one of two who decide at the same moment', async () => {
    const r = await held(40, 22)
    const holdId = await openHoldId(r)
    const { services } = r.installation
    const results = await Promise.allSettled([
      applyHold(services, holdId, 'Ana'),
      applyHold(services, holdId, 'Ben'),
    ])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await refusal(discardHold(services, holdId, 'Ben'))).toBe('NO_SUCH_HOLD')
    expect(await refusal(applyHold(services, 99, 'Ana'))).toBe('NO_SUCH_HOLD')
  })

  it('removes the rows of every timing partner that shares the account (S2)', async () => {
    const r = await settled({ participants: 40 })
    const other = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(other, r.clientId, r.organization.secrets[0] ?? '')
    await r.installation.discover(r.clientId)
    await r.poll()
    for (const n of r.numbers().slice(0, 30)) remove(r.world, r.event.id, n)
    await r.sweep()
    const { runIds } = await applyHold(r.installation.services, await openHoldId(r), 'Ana')
    expect(runIds).toHaveLength(2)
    expect([await live(r), await countRows(r.db, r.event.id, other)]).toEqual([10, 10])
    await undoRuns(r.installation.services, { runIds, onlyUntouched: false })
    expect([await live(r), await countRows(r.db, r.event.id, other)]).toEqual([40, 40])
  })
})

describe('a hold that a person discards', () => {
  it('is not opened again by the same absence, and costs no further call (A2)', async () => {
    const r = await held(40, 22)
    await discardHold(r.installation.services, await openHoldId(r), 'Ana')
    const calls = await r.callsOf(async () => {
      expect((await r.sweep()).events[0]).toMatchObject({
        held: false,
        lines: [{ removed: 0, complete: true }],
      })
    })
    expect(calls.detail).toBe(0)
    expect(await live(r)).toBe(40)
    expect(await holdsOf(r)).toMatchObject([{ state: 'discarded', decided_by: 'Ana' }])
  })

  it('is followed by another only for what goes missing beyond it by more than the fuse (A2)', async () => {
    const r = await held(100, 60)
    await discardHold(r.installation.services, await openHoldId(r), 'Ana')
    const rest = r.numbers()
    for (const n of rest.slice(0, 3)) remove(r.world, r.event.id, n)
    expect((await r.sweep()).events[0]).toMatchObject({ held: false, lines: [{ removed: 3 }] })
    for (const n of rest.slice(3, 30)) remove(r.world, r.event.id, n)
    expect((await r.sweep()).events[0]).toMatchObject({ held: true, lines: [{ removed: 0 }] })
    expect((await holdsOf(r)).at(-1)).toMatchObject({ state: 'open', absent: 27 })
  })

  it('lets who came back be missed again like anybody (A1, A2)', async () => {
    const r = await held(40, 22)
    const gone = [...r.event.gone.keys()]
    await discardHold(r.installation.services, await openHoldId(r), 'Ana')
    for (const n of gone) restore(r.world, r.event.id, n)
    await r.poll()
    for (const n of gone.slice(0, 2)) remove(r.world, r.event.id, n)
    expect((await r.sweep()).events[0]).toMatchObject({ held: false, lines: [{ removed: 2 }] })
    expect(await r.differences()).toEqual([])
  })

  it('may be applied after all', async () => {
    const r = await held(40, 22)
    const holdId = await openHoldId(r)
    await discardHold(r.installation.services, holdId, 'Ana')
    expect(await applyHold(r.installation.services, holdId, 'Ben')).toMatchObject({ removed: 22 })
    expect(await r.differences()).toEqual([])
  })
})

describe('a hold that waits', () => {
  it('is applied by a sweep that agrees six hours later, for five samples and a proof (A2)', async () => {
    const r = await held(40, 22)
    r.clock.advance(5 * HOUR)
    const early = await r.callsOf(() => r.sweep())
    expect(early.detail).toBe(0)
    expect(await live(r)).toBe(40)
    r.clock.advance(HOUR)
    const calls = await r.callsOf(async () => {
      expect((await r.sweep()).events[0]).toMatchObject({
        held: false,
        lines: [{ removed: 22, complete: true }],
      })
    })
    expect(calls.detail).toBe(5 + 1)
    expect(await holdsOf(r)).toMatchObject([{ state: 'applied', decided_by: 'sweep' }])
    expect(await r.differences()).toEqual([])
    // The sweep's own run takes it back.
    const sweep = (await runsOf(r, 'sweep')).at(-1) ?? 0
    await undoRuns(r.installation.services, { runIds: [sweep], onlyUntouched: false })
    expect(await live(r)).toBe(40)
    expect(await holdsOf(r)).toMatchObject([{ state: 'open' }])
    // Its six hours begin anew.
    await r.sweep()
    expect(await live(r)).toBe(40)
  })

  const doubts: [what: string, change: (r: Race) => unknown][] = [
    ['starts within 24 hours', (r) => r.clock.advance(8 * 24 * HOUR)],
    [
      'is not discovered any more',
      (r) => sql`UPDATE haku_events SET missing_since = startlist.clock()`.execute(r.db),
    ],
    ['answers for no listed runner either', (r) => Object.assign(r.haku.traits, { detail: 'missing' })],
    [
      'knows a sampled runner again',
      (r) => {
        for (const one of r.event.gone.values())
          r.event.registrations.set(one.number, Object.assign(one, { hidden: true }))
      },
    ],
  ]
  it.each(doubts)('stays with a person when the event %s (A2)', async (_, change) => {
    const r = await held(40, 22)
    r.clock.advance(7 * HOUR)
    await change(r)
    await r.sync({ eventId: r.event.id, full: true })
    expect(await live(r)).toBe(40)
    expect(await holdsOf(r)).toMatchObject([{ state: 'open' }])
  })

  it('that grows by more than the fuse is sampled anew and waits its six hours again (A2)', async () => {
    const r = await held(100, 30)
    r.clock.advance(5 * HOUR)
    for (const n of r.numbers().slice(0, 25)) remove(r.world, r.event.id, n)
    expect((await r.callsOf(() => r.sweep())).detail).toBe(5)
    r.clock.advance(2 * HOUR)
    await r.sweep()
    expect(await live(r)).toBe(100)
    expect(await holdsOf(r)).toMatchObject([{ state: 'open', absent: 55 }])
  })

  it('closes when all of it is listed again', async () => {
    const r = await held(40, 22)
    for (const n of [...r.event.gone.keys()]) restore(r.world, r.event.id, n)
    await r.poll()
    expect(await holdsOf(r)).toMatchObject([{ state: 'superseded', absent: 0 }])
  })
})

describe("another event's list that is held", () => {
  async function foreign(): Promise<Race> {
    const r = await settled({ also: [{ startsAt: '2026-05-03T07:00:00', participants: 40 }] })
    r.haku.faults.add({ match: { eventId: r.event.id }, fault: { kind: 'foreign' } })
    expect((await r.poll()).events[0]).toMatchObject({ held: true, error: { code: 'FOREIGN_LIST' } })
    return r
  }

  it('is stored by the next pass once a person says it is right, and taken back by undo (A3)', async () => {
    const r = await foreign()
    await applyHold(r.installation.services, await openHoldId(r), 'Ana')
    const calls = await r.callsOf(async () => {
      expect((await r.poll()).events[0]).toMatchObject({ error: null, lines: [{ inserted: 40 }] })
    })
    // Both events are polled; nobody asks a second time.
    expect(calls).toMatchObject({ detail: 0 })
    expect(await live(r)).toBe(100)
    const poll = (await runsOf(r, 'poll')).at(-1) ?? 0
    const runs = await sql<{ id: number }>`
      SELECT DISTINCT run_id::float8 AS id FROM participant_changes
      WHERE event_id = ${r.event.id} AND run_id <= ${poll} ORDER BY 1 DESC LIMIT 1`.execute(r.db)
    const runId = runs.rows[0]?.id ?? 0
    const undone = await undoRuns(r.installation.services, { runIds: [runId], onlyUntouched: false })
    expect(undone).toMatchObject([{ removed: 40 }])
    expect(await live(r)).toBe(60)
    // The permission went with what it had let through.
    expect((await r.poll()).events[0]).toMatchObject({ error: { code: 'FOREIGN_LIST' } })
    expect(await live(r)).toBe(60)
    r.haku.faults.clear()
    await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('costs one call a poll once a person says it is wrong, and opens no hold again (A3)', async () => {
    const r = await foreign()
    await discardHold(r.installation.services, await openHoldId(r), 'Ana')
    const calls = await r.callsOf(async () => {
      const outcome = await r.sync({ eventId: r.event.id })
      expect(outcome.events[0]).toMatchObject({ error: { code: 'FOREIGN_LIST' } })
    })
    expect(calls.all).toBe(1)
    expect((await holdsOf(r)).map((hold) => hold.state)).toEqual(['discarded'])
    expect(await live(r)).toBe(60)
    r.haku.faults.clear()
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

describe('an empty list', () => {
  it('of an event that is gone as well leaves its rows and opens no hold (A2, A4)', async () => {
    const r = await settled()
    removeEvent(r.world, r.event.id)
    await r.sweep()
    expect(await live(r)).toBe(60)
    expect(await holdsOf(r)).toEqual([])
  })

  it('that stays empty is read twice, sampled twice and held; applied all the same, undo restores all (A2, A3)', async () => {
    const r = await settled()
    r.haku.faults.add({ match: { endpoint: 'registrations' }, fault: { kind: 'empty' } })
    const calls = await r.callsOf(async () => {
      expect((await r.sweep()).events[0]).toMatchObject({ held: true, lines: [{ removed: 0 }] })
    })
    expect(calls).toMatchObject({ list: 2, detail: 2 * 5 })
    expect(await holdsOf(r)).toMatchObject([{ state: 'open', absent: 60, known: 60 }])
    const { runIds } = await applyHold(r.installation.services, await openHoldId(r), 'Ana')
    expect(await live(r)).toBe(0)
    await undoRuns(r.installation.services, { runIds, onlyUntouched: false })
    r.haku.faults.clear()
    await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('for once costs five samples and is then read again; nobody waits and nobody is removed (A2)', async () => {
    const r = await settled()
    r.haku.faults.add({ match: { page: 1 }, times: 1, fault: { kind: 'empty' } })
    const calls = await r.callsOf(async () => {
      expect((await r.sweep()).events[0]).toMatchObject({ held: false, lines: [{ removed: 0 }] })
    })
    expect(calls).toMatchObject({ detail: 5 })
    expect(await holdsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })
})

describe('a mass cancellation that keeps people in the list', () => {
  it('is no absence: all keep their row with the status, and nothing is held (A2)', async () => {
    const r = await settled()
    for (const n of r.numbers()) cancel(r.world, r.event.id, n)
    register(r.world, r.event.id)
    const calls = await r.callsOf(async () => {
      expect((await r.poll()).events[0]).toMatchObject({ held: false, lines: [{ updated: 60, inserted: 1 }] })
    })
    expect(calls.detail).toBe(0)
    expect(await holdsOf(r)).toEqual([])
    expect(await live(r)).toBe(61)
    expect(await rowOf(r.db, r.event.id, r.nth(0))).toMatchObject({
      registration_status: 'cancelled',
      removed: false,
    })
  })
})
