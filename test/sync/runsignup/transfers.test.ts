import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { register, remove, restore, transfer } from '../../../src/simulator/runsignup/index.ts'
import { installRunSignUp, type RaceInstallation, type RaceOptions } from '../../helpers/runsignup.ts'

const MINUTE = 60_000

let running: RaceInstallation | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

/** A race of two events, synced; `people` are those of the first. */
async function twoEvents(options: Partial<RaceOptions> = {}) {
  const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z'), ...options })
  running = r
  const race = r.world.addRace(r.account)
  const from = r.world.addEvent(race, { startsAt: '2026-05-02T07:00:00', participants: 30 })
  const to = r.world.addEvent(race, { startsAt: '2026-05-02T08:00:00', participants: 30 })
  await r.discover()
  await r.sync()
  r.clock.advance(MINUTE)
  const people = [...from.registrations.keys()]
  return { ...r, race, from, to, people }
}

describe('a transfer to another event of the race', () => {
  it.each(['new', 'same'] as const)('with a %s number moves the person in one poll', async (transferIds) => {
    const r = await twoEvents({ transferIds })
    const [one = ''] = r.people
    transfer(r.world, r.from.id, one, r.to.id)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })

  it.each(['new', 'same'] as const)(
    'with a %s number is in one event at every commit, whenever it happens in a poll or a sweep',
    async (transferIds) => {
      const r = await twoEvents({ transferIds, traits: { pageCap: 25 } })
      const met = await watchCommits(r)
      let next = 0
      for (const full of [false, true, false, true]) {
        register(r.world, r.to.id)
        for (const ahead of [1, 2, 3, 4]) {
          const person = r.people[next++] ?? ''
          r.server.atCall(r.server.calls.last + ahead, (world) => {
            r.clock.advance(1_000)
            transfer(world, r.from.id, person, r.to.id)
          })
        }
        await r.sync({ full })
        r.clock.advance(MINUTE)
      }
      await r.sync()
      r.clock.advance(MINUTE)
      await r.sync()
      expect(await met()).toEqual([])
      expect(await r.differences()).toEqual([])
    },
  )

  it('amid the first sweep of a large race moves the person in one poll (W8)', async () => {
    const r = await installRunSignUp({
      clock: new VirtualClock('2026-05-01T16:00:00Z'),
      traits: { pageCap: 25 },
    })
    running = r
    const race = r.world.addRace(r.account)
    const from = r.world.addEvent(race, { startsAt: '2026-05-01T14:00:00', participants: 120 })
    const to = r.world.addEvent(race, { startsAt: '2026-05-01T14:00:00', participants: 30 })
    await r.discover()
    const met = await watchCommits(r)
    const [person = ''] = from.registrations.keys()
    r.server.atPage(from.id, 3, () => {
      r.clock.advance(61_000)
      transfer(r.world, from.id, person, to.id)
    })
    await r.sync()
    expect(await met()).toEqual([])
    r.clock.advance(MINUTE)
    await r.sync({ full: true })
    expect(await r.differences()).toEqual([])
  })

  it('leaves the row with its status and successor, and frees it for nobody else', async () => {
    const r = await twoEvents()
    const [one = ''] = r.people
    const { id } = transfer(r.world, r.from.id, one, r.to.id)
    await r.sync()
    const { rows } =
      await sql`SELECT registration_status AS status, successor, removed_at IS NOT NULL AS removed
      FROM runsignup_participants WHERE registration_id = ${one}::bigint`.execute(r.db)
    expect(rows).toEqual([{ status: 'transferred', successor: id, removed: true }])
  })

  it('into another race is gone from this one at the next look', async () => {
    const r = await twoEvents()
    const other = r.world.addEvent(r.world.addRace(r.account), { participants: 3 })
    await r.discover()
    await r.sync()
    r.clock.advance(16 * MINUTE)
    const [one = ''] = r.people
    transfer(r.world, r.from.id, one, other.id)
    r.clock.advance(MINUTE)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })
})

describe('a removal', () => {
  it('is undone when the registration is back', async () => {
    const r = await twoEvents()
    const [one = ''] = r.people
    remove(r.world, r.from.id, one)
    r.clock.advance(16 * MINUTE)
    await r.sync()
    r.clock.advance(MINUTE)
    restore(r.world, r.from.id, one)
    r.clock.advance(MINUTE)
    await r.sync()
    expect(await r.differences()).toEqual([])
  })
})

/** Has the database itself look at everybody who is written, at each commit: what it sees then, every reader sees. */
async function watchCommits(r: RaceInstallation) {
  await sql`CREATE TABLE met (person bigint, events bigint)`.execute(r.db)
  await sql`
    CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO met SELECT NEW.user_id, count(*) FROM runsignup_participants
      WHERE user_id = NEW.user_id AND removed_at IS NULL HAVING count(*) <> 1;
      RETURN NULL;
    END $$`.execute(r.db)
  await sql`
    CREATE CONSTRAINT TRIGGER meet AFTER INSERT OR UPDATE ON runsignup_participants DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION meet()`.execute(r.db)
  return async () => {
    const { rows } = await sql`SELECT DISTINCT * FROM met ORDER BY 1`.execute(r.db)
    return rows
  }
}
