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
    /** What calls that polls leave go to, after each of so many further calls. */
    async spent(calls: number) {
      const shape = participantTable('haku')
      const account = { accountId, shape, limits: LIMITS, needsDetail: true, sweeps: DEFAULT_SWEEPS }
      await replan(r.db, account)
      const counts: Record<string, number> = {}
      for (let call = 0; call < calls; call++) {
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
    expect(await r.spent(100)).toEqual({ round: 5, backfill: 95 })
    await noteRereads(r.db, r.accountId, { read: 300, blind: 14 })
    expect(await r.spent(100)).toEqual({ round: 20, backfill: 80 })
    await noteRereads(r.db, r.accountId, { read: 300, blind: 100 })
    expect(await r.spent(100)).toEqual({ round: 50, backfill: 50 })
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
