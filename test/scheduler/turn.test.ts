import { afterEach, describe, expect, it } from 'vitest'
import { type Clock, VirtualClock } from '../../src/domain/clock.ts'
import { type TurnOutcome, takeTurn } from '../../src/scheduler/turn.ts'
import { assignBibs, world } from '../../src/simulator/index.ts'
import { listCredentials, setSecret } from '../../src/store/credentials.ts'
import { askFor } from '../../src/store/plans/marks.ts'
import { type Installation, install, START } from '../helpers/installation.ts'
import { type Difference, differences } from '../helpers/truth.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const CLIENT = 'client-of-the-turns'

let installation: Installation
afterEach(() => installation.stop())

interface Options {
  events: { startsIn: number; participants: number }[]
  quota?: number
}

/** One account with events that start in so many ms from now, Haku in detail mode with pages of 25. */
async function account({ events, quota = 500 }: Options) {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 5 })
  const organization = w.addOrganization({ clientId: CLIENT, secret: 'a secret of the turns' })
  const races = events.map(({ startsIn, participants }) =>
    w.addEvent(organization, { startsAt: new Date(clock.now() + startsIn).toISOString(), participants }),
  )
  installation = await install({
    clock,
    world: w,
    traits: { pageCap: 25, registrationsList: 'thin' },
    env: { HAKU_MIN_SPACING_MS: '1500', HAKU_QUOTA_PER_HOUR: String(quota) },
  })
  const partnerId = await installation.addPartner('Turn Timing')
  await installation.addCredential(partnerId, CLIENT, 'a secret of the turns')
  const wrong = async (): Promise<Difference[]> => {
    const found: Difference[] = []
    for (const event of installation.haku.truth().values())
      found.push(...(await differences(installation.db, event, { partnerId })))
    return found
  }
  return { clock, world: w, races, wrong, accountId: await installation.accountOf(CLIENT) }
}

/** Time between the polls of an event, ms. */
function gapsOf(eventId: string, since: number): number[] {
  const lists = installation.haku.calls.list({ endpoint: 'participants', eventId, page: 1, since })
  return lists.slice(1).map((call, i) => call.at - lists[i]!.at)
}

/** Takes turns until an instant, as a worker would. */
async function turnsUntil(clock: VirtualClock, accountId: number, until: number): Promise<TurnOutcome[]> {
  const outcomes: TurnOutcome[] = []
  while (clock.now() < until) {
    const outcome = await takeTurn(installation.services, accountId)
    outcomes.push(outcome)
    clock.set(Math.max(clock.now(), Math.min(outcome.next ?? until, until)))
  }
  return outcomes
}

describe('turns of one account', { timeout: 120_000 }, () => {
  it('discover, read every list, then every detail, and poll each race by its cadence', async () => {
    const { clock, races, accountId, wrong } = await account({
      events: [
        { startsIn: 2 * HOUR, participants: 60 },
        { startsIn: 12 * HOUR, participants: 40 },
        { startsIn: 30 * 24 * HOUR, participants: 30 },
      ],
    })
    const began = clock.now()
    const outcomes = await turnsUntil(clock, accountId, began + HOUR)
    expect(outcomes.map((outcome) => outcome.error)).toEqual(outcomes.map(() => null))
    expect(await wrong()).toEqual([])
    const settled = began + 20 * MINUTE
    const [near = [], later = [], far = []] = races.map((race) => gapsOf(race.id, settled))
    expect(near.length).toBeGreaterThan(30)
    expect(Math.max(...near)).toBeLessThan(65_000)
    expect(Math.min(...near)).toBeGreaterThan(55_000)
    expect(later.length).toBeLessThanOrEqual(2)
    expect(far).toEqual([])
    expect(installation.haku.calls.maxInWindow()).toBeLessThanOrEqual(500)
  })

  it('stretch all races alike where the quota does not hold them, and pace the calls', async () => {
    const { clock, races, accountId } = await account({
      events: Array.from({ length: 5 }, () => ({ startsIn: 3.5 * HOUR, participants: 10 })),
      quota: 200,
    })
    const began = clock.now()
    await turnsUntil(clock, accountId, began + 2 * HOUR)
    const since = began + HOUR
    // 200 less 30 for a person and 10 for upkeep hold 160 of 300 polls an hour.
    const stretched = (300 / 160) * MINUTE
    for (const race of races) {
      const gaps = gapsOf(race.id, since)
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
      expect(Math.abs(mean / stretched - 1)).toBeLessThan(0.05)
      expect(Math.max(...gaps)).toBeLessThan(stretched * 1.25)
    }
    const { calls } = installation.haku
    expect(calls.maxInWindow()).toBeLessThanOrEqual(200)
    for (let hour = since; hour < began + 2 * HOUR; hour += HOUR) {
      const whole = calls.count({ since: hour, until: hour + HOUR })
      expect(calls.count({ since: hour, until: hour + 20 * MINUTE })).toBeLessThan(whole / 2)
    }
  })

  it('read the details of 100 bibs given at once from what the polls of other races leave', async () => {
    const {
      clock,
      races,
      accountId,
      world: w,
      wrong,
    } = await account({
      events: [
        { startsIn: 2 * HOUR, participants: 100 },
        { startsIn: 2 * HOUR, participants: 10 },
      ],
      quota: 500,
    })
    const began = clock.now()
    await turnsUntil(clock, accountId, began + 10 * MINUTE)
    const [big, ...others] = races
    assignBibs(w, big!.id, 100)
    const given = clock.now()
    await turnsUntil(clock, accountId, given + 30 * MINUTE)
    for (const race of others) expect(Math.max(...gapsOf(race.id, given))).toBeLessThan(70_000)
    expect(await wrong()).toEqual([])
  })

  it('do first what a person asked for', async () => {
    const { clock, races, accountId } = await account({
      events: [{ startsIn: 60 * 24 * HOUR, participants: 5 }],
    })
    await turnsUntil(clock, accountId, clock.now() + 5 * MINUTE)
    const before = installation.haku.calls.last
    await takeTurn(installation.services, accountId)
    expect(installation.haku.calls.last).toBe(before)
    await askFor(installation.db, accountId, races[0]!.id)
    const outcome = await takeTurn(installation.services, accountId)
    expect(outcome).toMatchObject({ polls: 1, calls: 1, error: null })
    expect((await takeTurn(installation.services, accountId)).calls).toBe(0)
  })

  it('count a poll as late when its list call begins after what P4 allows, and not before', async () => {
    const { clock, accountId } = await account({ events: [{ startsIn: 2 * HOUR, participants: 5 }] })
    const outcomes = await turnsUntil(clock, accountId, clock.now() + 5 * MINUTE)
    expect(outcomes.flatMap(({ late }) => late)).toEqual([])
    // Whoever should have taken the next turn did not for ten seconds.
    clock.set((outcomes.at(-1)?.next ?? 0) + 10_000)
    expect(await takeTurn(installation.services, accountId)).toMatchObject({ polls: 1, late: [MINUTE] })
  })

  it.each([
    ['ahead', 5 * MINUTE],
    ['behind', -5 * MINUTE],
  ])('go by the clock of the database where the own is minutes %s', async (_, wrongBy) => {
    const { clock, races, accountId } = await account({ events: [{ startsIn: 2 * HOUR, participants: 5 }] })
    let sleeps = 0
    const own: Clock = {
      now: () => clock.now() + wrongBy,
      sleep: (ms, signal) => {
        sleeps++
        return clock.sleep(ms, signal)
      },
    }
    const began = clock.now()
    let turns = 0
    while (clock.now() < began + 10 * MINUTE) {
      const { next, error } = await takeTurn({ ...installation.services, clock: own }, accountId)
      turns++
      expect(error).toBeNull()
      clock.set(Math.max(clock.now(), next ?? 0))
    }
    const gaps = gapsOf(races[0]!.id, began + MINUTE)
    expect(gaps.length).toBeGreaterThanOrEqual(8)
    expect(Math.max(...gaps)).toBeLessThan(65_000)
    // It waits for what is due instead of asking again and again whether it is.
    expect(sleeps).toBeLessThan(5 * turns)
  })

  it('are wanted again as soon as a refused secret is repaired', async () => {
    const { accountId } = await account({ events: [{ startsIn: 2 * HOUR, participants: 5 }] })
    const { db } = installation
    const [credential] = await listCredentials(db, { accountId })
    await setSecret(db, credential!.credentialId, 'a wrong secret')
    const refused = await takeTurn(installation.services, accountId)
    expect(refused).toMatchObject({ next: null, error: { code: 'CREDENTIAL_REFUSED' } })
    const spent = installation.haku.calls.last
    expect((await takeTurn(installation.services, accountId)).error?.code).toBe('CREDENTIAL_REFUSED')
    expect(installation.haku.calls.last).toBe(spent)
    await setSecret(db, credential!.credentialId, 'a secret of the turns')
    expect(await takeTurn(installation.services, accountId)).toMatchObject({
      discoveries: 1,
      polls: 1,
      error: null,
    })
  })

  it('backfill beside a race without delaying it, from nearly all of the calls that are left', async () => {
    const { clock, races, accountId } = await account({
      events: [
        { startsIn: 3.5 * HOUR, participants: 20 },
        { startsIn: 60 * 24 * HOUR, participants: 900 },
      ],
      quota: 200,
    })
    const began = clock.now()
    await turnsUntil(clock, accountId, began + 2 * HOUR)
    const gaps = gapsOf(races[0]!.id, began + 10 * MINUTE)
    expect(Math.max(...gaps)).toBeLessThan(65_000)
    const { calls } = installation.haku
    const spent = calls.count({ since: began + HOUR })
    expect(spent).toBeLessThanOrEqual(200)
    // 30 stay for a person, 10 for upkeep.
    expect(spent).toBeGreaterThan(0.9 * 160)
  })

  it('audit each event once a night, within the share of upkeep, and never while a race is near', async () => {
    const { clock, races, accountId } = await account({
      events: [
        { startsIn: 20 * 24 * HOUR, participants: 30 },
        { startsIn: 21 * 24 * HOUR, participants: 10 },
      ],
    })
    await turnsUntil(clock, accountId, clock.now() + 20 * MINUTE)
    const audits = async (from: string, until: string) => {
      clock.set(Date.parse(from))
      const outcomes = await turnsUntil(clock, accountId, Date.parse(until))
      return outcomes.reduce((sum, outcome) => sum + outcome.audits, 0)
    }
    const { last } = installation.haku.calls
    expect(await audits('2026-05-02T04:55:00Z', '2026-05-02T05:10:00Z')).toBe(2)
    // Up to 20 singles of each, broken off where the turn's 30 s are over.
    const singles = installation.haku.calls.count({ endpoint: 'detail', afterCall: last })
    expect(singles).toBeLessThanOrEqual(20 + 10)
    expect(singles).toBeGreaterThan(20)
    expect(await audits('2026-05-02T07:50:00Z', '2026-05-02T08:10:00Z')).toBe(0)

    const moveTo = (startsAt: string) =>
      installation.db
        .updateTable('haku_events')
        .set({ starts_at: startsAt })
        .where('event_id', '=', races[1]!.id)
        .execute()
    await moveTo('2026-05-03T08:30:00Z')
    expect(await audits('2026-05-03T05:00:00Z', '2026-05-03T05:05:00Z')).toBe(0)
    await moveTo('2026-06-03T08:30:00Z')
    expect(await audits('2026-05-03T05:05:00Z', '2026-05-03T05:15:00Z')).toBe(2)
  })
})
