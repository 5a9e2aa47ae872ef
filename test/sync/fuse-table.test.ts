import { afterEach, describe, expect, it } from 'vitest'
import { cancel, hide, remove } from '../../src/simulator/index.ts'
import { applyHold } from '../../src/sync/holds.ts'
import { undoRuns } from '../../src/sync/undo.ts'
import { countRows, feedFaults, type Race, race, stopRace } from './crash/race.ts'
import { holdsOf, openHoldId, WHOLE } from './decisions.ts'

/** The table of docs/holds.md: what a list can do at once, what it costs, what is shown, and what `undo` gives back. */

afterEach(stopRace)

interface Line {
  what: string
  people: number
  happens(r: Race): void
  list: number
  single: number
  /** The hold that opens; null for none. */
  hold: { kind: string; absent: number; known: number } | null
}

const each = (r: Race, count: number, move: (number: string) => void): void => {
  for (const number of r.numbers().slice(0, count)) move(number)
}

const TABLE: Line[] = [
  {
    what: 'an empty list for once',
    people: 60,
    happens: (r) => r.haku.faults.add({ match: { page: 1 }, times: 1, fault: { kind: 'empty' } }),
    ...{ list: 5, single: 5, hold: null },
  },
  {
    what: 'a list that stays empty',
    people: 60,
    happens: (r) => r.haku.faults.add({ match: { endpoint: 'registrations' }, fault: { kind: 'empty' } }),
    ...{ list: 2, single: 10, hold: { kind: 'removal', absent: 60, known: 60 } },
  },
  {
    what: 'half a list',
    people: 60,
    happens: (r) => each(r, 31, (number) => hide(r.world, r.event.id, number)),
    ...{ list: 6, single: 10, hold: { kind: 'removal', absent: 31, known: 60 } },
  },
  {
    what: 'half of the people gone',
    people: 40,
    happens: (r) => each(r, 22, (number) => remove(r.world, r.event.id, number)),
    ...{ list: 2, single: 5, hold: { kind: 'removal', absent: 22, known: 40 } },
  },
  {
    what: 'an event of 12 people, all gone',
    people: 12,
    happens: (r) => each(r, 12, (number) => remove(r.world, r.event.id, number)),
    ...{ list: 1, single: 5, hold: { kind: 'removal', absent: 12, known: 12 } },
  },
  {
    what: "another event's list",
    people: 60,
    happens: (r) => r.haku.faults.add({ match: { eventId: r.event.id }, fault: { kind: 'foreign' } }),
    ...{ list: 2, single: 1, hold: { kind: 'foreign_list', absent: 0, known: 60 } },
  },
  {
    what: 'a lawful mass cancellation that keeps people listed',
    people: 60,
    happens: (r) => each(r, 60, (number) => cancel(r.world, r.event.id, number)),
    ...{ list: 4, single: 0, hold: null },
  },
]

describe('the fuse, line by line (A1 to A3)', () => {
  it.each(TABLE)('$what', async ({ people, happens, list, single, hold }) => {
    const r = await race({
      participants: people,
      traits: WHOLE,
      startsAt: '2026-05-10T07:00:00',
      also: [{ startsAt: '2026-05-11T07:00:00', participants: 40 }],
    })
    await r.settled()
    happens(r)
    const calls = await r.callsOf(() => r.sweep({ eventId: r.event.id }))
    expect({ list: calls.list, single: calls.detail }).toEqual({ list, single })
    const live = () => countRows(r.db, r.event.id, r.partnerId)
    expect(await live()).toBe(people)
    expect(await holdsOf(r)).toMatchObject(hold === null ? [] : [{ ...hold, state: 'open' }])
    if (hold?.kind !== 'removal') return

    const applied = await r.callsOf(async () => {
      const { runIds, removed } = await applyHold(r.installation.services, await openHoldId(r), 'Ana')
      expect(removed).toBe(hold.absent)
      expect(await live()).toBe(people - hold.absent)
      await undoRuns(r.installation.services, { runIds, onlyUntouched: false })
    })
    expect(applied.all).toBe(0)
    expect(await live()).toBe(people)
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })
})
