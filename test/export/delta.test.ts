import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { Rng, randomMove } from '../../src/simulator/index.ts'
import { randomMove as randomRunSignUpMove, transfer } from '../../src/simulator/runsignup/index.ts'
import { openStartList } from '../../src/store/start-list/snapshot.ts'
import { installRunSignUp, type RaceInstallation } from '../helpers/runsignup.ts'
import { race, stopRace } from '../sync/crash/race.ts'
import { rowsOf, Timer } from './timer.ts'

let running: RaceInstallation | undefined
afterEach(async () => {
  await stopRace()
  await running?.stop()
  running = undefined
})

describe('whoever applies each delta and its withdrawn has the list', () => {
  it.each([1, 2, 3])(
    'of a world at Haku that moves, by registrations and by entries (seed %i)',
    async (seed) => {
      const r = await race({ participants: 30, seed })
      const rng = new Rng(seed)
      await r.sync()
      const of = { eventId: r.event.id }
      const timers = [new Timer(r.db, of), new Timer(r.db, of, 'entry')]
      for (let round = 0; round < 6; round++) {
        for (const timer of timers) {
          // One of them comes every time, the other now and then.
          if (timer === timers[0] || round % 2 === 0) await timer.update()
        }
        for (let moves = rng.int(8); moves > 0; moves--) {
          randomMove(rng, r.world, { eventIds: [r.event.id] })
          moveCategories(rng, [...r.event.registrations.values()])
          r.clock.advance(1_000)
        }
        await (rng.chance(0.4) ? r.sweep({ details: true }) : r.poll())
      }
      for (const timer of timers) {
        await timer.update()
        expect(timer.list.size).toBeGreaterThan(10)
        expect(timer.list).toEqual(await timer.whole())
      }
    },
  )

  it.each(['new', 'same'] as const)(
    'of one event of a race at RunSignUp, with %s numbers of transfers',
    async (transferIds) => {
      const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z'), transferIds })
      running = r
      const made = r.world.addRace(r.account)
      const from = r.world.addEvent(made, { startsAt: '2026-05-02T07:00:00', participants: 20 })
      const to = r.world.addEvent(made, { startsAt: '2026-05-02T08:00:00', participants: 20 })
      await r.discover()
      await r.sync()
      const timers = [from, to].map(({ id }) => new Timer(r.db, { eventId: id }))
      const all = new Timer(r.db, { eventId: made.id })
      const rng = new Rng(5)
      const [first = ''] = from.registrations.keys()
      for (let round = 0; round < 5; round++) {
        for (const timer of [...timers, all]) await timer.update()
        if (round === 1) transfer(r.world, from.id, first, to.id)
        for (let moves = rng.int(6); moves > 0; moves--)
          randomRunSignUpMove(rng, r.world, { eventIds: [from.id, to.id] })
        r.clock.advance(60_000)
        await r.sync({ full: true })
      }
      for (const timer of [...timers, all]) {
        await timer.update()
        expect(timer.list).toEqual(await timer.whole())
      }
      expect(timers[0]!.list.has(first)).toBe(false)
      expect(all.list.size).toBe(timers[0]!.list.size + timers[1]!.list.size)
    },
  )
})

/** Somebody enters another category, or leaves one: the provider goes on to name it, or does not. */
function moveCategories(rng: Rng, registrations: Parameters<typeof rng.pick>[0]): void {
  const one = rng.pick(registrations) as
    | {
        categories: { id: string; name: string; isActive: boolean; tagNumber: string | null }[]
        updatedAt: number
      }
    | undefined
  if (one === undefined) return
  const [first] = one.categories
  if (first === undefined) return
  const kind = rng.int(3)
  if (kind === 0) one.categories.push({ ...first, id: '777', name: 'Relay', isActive: true, tagNumber: null })
  else if (kind === 1 && one.categories.length > 1) one.categories.pop()
  else if (kind === 2 && one.categories.length > 1) one.categories.at(-1)!.isActive = rng.chance(0.3)
}

describe('a delta', () => {
  it('says no more than it can: beyond the feed, and before what was purged', async () => {
    const r = await race({ participants: 5 })
    await r.settled()
    const of = { eventId: r.event.id }
    const { state, close } = await openStartList(r.db, of)
    await close()
    await expect(openStartList(r.db, of, { after: state.position + 1 })).rejects.toMatchObject({
      code: 'CHANGES_GONE',
    })
    await (await openStartList(r.db, of, { after: 0 })).close()
    await sql`UPDATE partner_sync SET feed_purged = 1`.execute(r.db)
    await expect(openStartList(r.db, of, { after: 0 })).rejects.toMatchObject({ code: 'CHANGES_GONE' })
    await (await openStartList(r.db, of, { after: 1 })).close()
  })

  it('leaves out of the withdrawn who came and went since', async () => {
    const r = await race({ participants: 5 })
    await r.settled()
    const of = { eventId: r.event.id }
    const timer = new Timer(r.db, of)
    await timer.update()
    const before = await openStartList(r.db, of)
    await before.close()
    const one = r.nth(0)
    await sql`UPDATE haku_participants SET registration_status = 'cancelled', removed_at = startlist.clock() WHERE participant_id = ${one}`.execute(
      r.db,
    )
    await sql`UPDATE partner_sync SET feed_position = feed_position + 2`.execute(r.db)
    for (const [step, change] of [
      [1, 'added'],
      [2, 'cancelled'],
    ] as const)
      await sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
        VALUES ('haku', ${r.partnerId}, ${r.event.id}, ${before.state.position + step}, ${one}, ${change}, '{}', startlist.clock())`.execute(
        r.db,
      )
    const list = await openStartList(r.db, of, { after: before.state.position })
    expect(await rowsOf(list, 'registration', 'withdrawn')).toEqual(new Map())
    await list.close()
    const whole = await openStartList(r.db, of)
    expect([...(await rowsOf(whole, 'registration', 'withdrawn')).keys()]).toEqual([one])
    await whole.close()
  })
})
