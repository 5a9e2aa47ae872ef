import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFAULT_SWEEPS } from '../../src/domain/sweep-times.ts'
import { readFacts, replan } from '../../src/scheduler/planning.ts'
import { editPerson, setBib } from '../../src/simulator/index.ts'
import { noteRereads, readBlindness } from '../../src/store/blindness.ts'
import { participantTable } from '../../src/store/participants/table.ts'
import { readDiscoveryMarks } from '../../src/store/plans/account-plan.ts'
import { race, stopRace } from '../sync/crash/race.ts'

afterEach(stopRace)

const MINUTE = 60_000
const near = (calls: number, share: number) => Math.abs(calls - share) <= 3
const LIMITS = { perHour: 500, minSpacingMs: 1_500 }

/** A race within 3 h whose 30 bibs are known, beside one that nobody has read. */
async function morning() {
  const r = await race({
    participants: 30,
    startsAt: '2026-05-01T15:00:00',
    also: [{ startsAt: '2026-07-04T07:00:00', participants: 300 }],
  })
  const accountId = await r.installation.accountOf(r.clientId)
  const only = { eventId: r.event.id }
  await r.sync(only)
  r.clock.advance(MINUTE)
  await r.sync(only)
  return {
    ...r,
    accountId,
    blindness: () => readBlindness(r.db, accountId),
    /**
     * What calls that polls leave go to, after each of so many further calls.
     * @param apart other accounts take the numbers between
     */
    async spent(calls: number, apart = 1) {
      const shape = participantTable('haku')
      const account = { accountId, shape, limits: LIMITS, needsDetail: true, sweeps: DEFAULT_SWEEPS }
      await replan(r.db, account)
      const counts: Record<string, number> = {}
      for (let call = 0; call < calls; call++) {
        for (let number = 0; number < apart; number++)
          await sql`UPDATE api_calls SET call_id = DEFAULT WHERE call_id = (SELECT max(call_id) FROM api_calls)`.execute(
            r.db,
          )
        const { spare } = await readFacts(r.db, account, await readDiscoveryMarks(r.db, accountId))
        const what = spare[0]?.do ?? 'nothing'
        counts[what] = (counts[what] ?? 0) + 1
      }
      return counts
    },
  }
}

describe('detail rounds beside a backfill (F4)', () => {
  it('get one call in 20, and up to every second one the more the lists hide', async () => {
    const r = await morning()
    r.clock.advance(20 * MINUTE)
    const rounds = async (apart?: number) => (await r.spent(100, apart)).round ?? 0
    expect(near(await rounds(), 5)).toBe(true)
    await noteRereads(r.db, r.accountId, { read: 300, blind: 14 })
    expect(near(await rounds(), 20)).toBe(true)
    await noteRereads(r.db, r.accountId, { read: 300, blind: 100 })
    expect(near(await rounds(), 50)).toBe(true)
  })

  it('get no less, and no more, where calls of other accounts take the numbers between', async () => {
    const r = await morning()
    r.clock.advance(20 * MINUTE)
    // One call in five, and every fifth number.
    await noteRereads(r.db, r.accountId, { read: 300, blind: 14 })
    expect(near((await r.spent(100, 5)).round ?? 0, 20)).toBe(true)
  })

  it('count what changed behind an unchanged list row, and not what the list will tell', async () => {
    const r = await morning()
    setBib(r.world, r.event.id, r.nth(3), '33', 'nested')
    editPerson(r.world, r.event.id, r.nth(4), { phone: '555-000-9999' }, 'detail')
    await r.sweep({ details: true, eventId: r.event.id })
    expect(await r.blindness()).toEqual({ read: 30, blind: 2 })
    // Its list row is new before its detail is read.
    setBib(r.world, r.event.id, r.nth(5), '55')
    await r.sweep({ details: true, eventId: r.event.id })
    expect(await r.blindness()).toEqual({ read: 59, blind: 2 })
  })

  it('forget by halves what was learnt long ago', async () => {
    const r = await morning()
    await noteRereads(r.db, r.accountId, { read: 2_000, blind: 200 })
    await noteRereads(r.db, r.accountId, { read: 400, blind: 0 })
    expect(await r.blindness()).toEqual({ read: 1_200, blind: 100 })
  })
})
