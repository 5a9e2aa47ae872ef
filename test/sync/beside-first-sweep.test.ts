import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { register, remove, setBib } from '../../src/simulator/index.ts'
import { stopRace } from './crash/race.ts'
import { large } from './long-list.ts'

afterEach(stopRace)

/** Registrations as the list has them, the newest first. */
const newestOf = ({ event }: Awaited<ReturnType<typeof large>>) =>
  [...event.registrations.values()]
    .sort((a, b) => b.listUpdatedAt - a.listUpdatedAt)
    .map(({ number }) => number)

describe('what a poll within a first sweep leaves to it (W8)', () => {
  it('is no reason to read a list once more, when some came and others left (W2)', async () => {
    const r = await large(12, { traits: { envelope: 'own', totals: 'meta' } })
    const newest = newestOf(r)
    r.minuteAt(4, () => {
      for (let i = 0; i < 5; i++) register(r.world, r.event.id)
    })
    r.minuteAt(9, () => {
      for (const number of newest.slice(0, 3)) remove(r.world, r.event.id, number)
    })
    await r.sync()
    expect(r.pages().filter((page) => page === 1)).toHaveLength(3)
    expect(r.pages().filter((page) => page === 12)).toHaveLength(1)
  })

  it('is the newest head: the next poll asks for one page (W5, W6)', async () => {
    for (const traits of [{}, { listStamp: false }]) {
      const r = await large(12, { traits })
      r.minuteAt(4, () => {
        for (const number of r.numbers().slice(0, 60)) setBib(r.world, r.event.id, number, '7')
        r.clock.advance(15_000)
      })
      await r.sync()
      const before = r.pages().length
      await r.poll()
      expect(r.pages().slice(before)).toEqual([1])
      expect(await r.differences()).toEqual([])
    }
  })

  it('asks nothing for a timing partner who came amid the sweep, and is levelled after it (S2)', async () => {
    const r = await large(12)
    r.breakAt(8)
    await r.sync()
    const partnerId = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(partnerId, r.clientId, r.organization.secrets[0] ?? '')
    await r.installation.discover(r.clientId)
    r.haku.faults.clear()
    const before = r.pages().length
    await r.poll()
    expect(r.pages().slice(before, before + 3)).toEqual([8, 1, 9])
    await r.poll()
    expect(await r.differences(partnerId)).toEqual([])
  })

  it('is that a timing partner lacks a page of it, also after the sweep was cut off (S2)', async () => {
    const r = await large(12)
    const partnerId = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(partnerId, r.clientId, r.organization.secrets[0] ?? '')
    await r.installation.discover(r.clientId)
    await sql`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'not for this partner'; END $$`.execute(r.db)
    // The newest of the list so far, but for those who are on the first page of the poll.
    const late = String(Number(r.numbers().at(-1)) + 1)
    r.minuteAt(4, () => {
      for (let i = 0; i < 30; i++) {
        register(r.world, r.event.id)
        r.clock.advance(1_000)
      }
    })
    await sql`
      CREATE TRIGGER refuse BEFORE INSERT ON haku_participants FOR EACH ROW
      WHEN (NEW.timing_partner_id = ${sql.lit(partnerId)} AND NEW.participant_id = ${sql.lit(late)})
      EXECUTE FUNCTION refuse()`.execute(r.db)
    r.breakAt(5)
    await r.sync()
    expect(await r.stored(late)).toBeDefined()
    await sql`DROP TRIGGER refuse ON haku_participants`.execute(r.db)
    r.haku.faults.clear()
    await r.poll()
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await r.differences(partnerId)).toEqual([])
  })

  it('shows in the progress as a part of it, and never takes any back', async () => {
    const r = await large(8)
    const done: number[] = []
    for (const page of [3, 5]) r.minuteAt(page, () => register(r.world, r.event.id))
    await r.sync({}, { progress: (step) => done.push(step.done) })
    expect(r.pages().filter((page) => page === 1)).toHaveLength(3)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBe(r.numbers().length)
  })

  it('is not read again by whoever goes on with the sweep at once', async () => {
    const r = await large(8)
    r.minuteAt(4, () => register(r.world, r.event.id))
    r.breakAt(5)
    await r.sync()
    r.haku.faults.clear()
    const before = r.pages().length
    await r.sync()
    expect(r.pages().slice(before, before + 4)).toEqual([5, 6, 7, 8])
  })
})
