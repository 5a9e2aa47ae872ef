import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { readEventTime } from '../../src/domain/event-time.ts'
import { intervalAt } from '../../src/domain/schedule.ts'
import { mapEvent } from '../../src/providers/haku/event.ts'
import { addCredential } from '../../src/store/credentials.ts'
import type { Db } from '../../src/store/database.ts'
import { type AccountEvent, eventsOfAccount, upsertEvents } from '../../src/store/events.ts'
import { addPartner, setEventCadence, setPartnerCadence } from '../../src/store/partners.ts'
import { eventRow, type KnownZones } from '../../src/sync/event-row.ts'
import { eventSchedule } from '../../src/sync/event-schedule.ts'
import { testDatabase } from '../helpers/database.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NEW_YORK: KnownZones = { override: null, organization: null, partner: 'America/New_York' }
const NOWHERE: KnownZones = { ...NEW_YORK, partner: null }

let db: Db
let accountId: number
let first: number
let second: number

/** Two timing partners that share an account. */
beforeEach(async () => {
  ;({ db } = await testDatabase())
  first = await holder('Lantern Timing')
  second = await holder('Birch Timing')
})

async function holder(name: string): Promise<number> {
  const partnerId = await addPartner(db, { name, timezone: null })
  if (partnerId === null) throw new Error('no id was free')
  const added = await db.transaction().execute((trx) =>
    addCredential(trx, {
      ...{ partnerId, provider: 'haku', organization: 'Lantern Bay', principal: 'client', timezone: null },
    }),
  )
  if (added === null) throw new Error('the credential exists')
  const { rows } = await sql<{ id: number }>`
    UPDATE partner_provider_credentials SET state = 'Ready', proven_at = startlist.clock()
    WHERE partner_provider_credential_id = ${added.credentialId} RETURNING account_id AS id`.execute(db)
  accountId = rows[0]?.id ?? 0
  return partnerId
}

async function discovered(
  partnerId: number,
  start: string,
  zones: KnownZones,
  eventId = 'half',
): Promise<void> {
  const record = { ...mapEvent(eventId, { name: 'Harbor Half' }), starts: readEventTime(start) ?? null }
  await db
    .transaction()
    .execute((trx) =>
      upsertEvents(trx, { provider: 'haku', partnerId, accountId, organization: 'Lantern Bay' }, [
        eventRow(record, zones),
      ]),
    )
}

async function stored(eventId = 'half'): Promise<AccountEvent> {
  const [event, ...others] = await eventsOfAccount(db, accountId, { eventIds: [eventId] })
  if (event === undefined || others.length > 0) throw new Error('not one event')
  return event
}

/** Does a change make the event's plan stale? */
async function staleAfter(change: () => Promise<unknown>): Promise<boolean> {
  await sql`UPDATE sync_state SET replan_at = NULL`.execute(db)
  await change()
  const { rows } = await sql<{ stale: boolean }>`
    SELECT replan_at IS NOT NULL AS stale FROM sync_state WHERE event_id = 'half'`.execute(db)
  return rows[0]?.stale ?? false
}

describe('a start', () => {
  it.each<[what: string, start: string, zones: KnownZones, assumed: boolean, windowHours: number]>([
    ['without a zone is assumed', '2026-05-02T07:00:00', NOWHERE, true, 6],
    ['with an offset is exact, though nobody knows the zone', '2026-05-02T07:00:00-04:00', NOWHERE, false, 0],
    ['in a known zone is exact', '2026-05-02T07:00:00', NEW_YORK, false, 0],
  ])('%s (T2, T3)', async (_, start, zones, assumed, windowHours) => {
    await discovered(first, start, zones)
    const event = await stored()
    const startsAt = Date.parse('2026-05-02T11:00:00Z')
    expect(event).toMatchObject({ startsAt, assumed, holders: [{ days: [{ startsAt, assumed }] }] })
    expect(eventSchedule(event).overAt).toBe(startsAt + (windowHours + 1) * HOUR)
  })

  it('ceases to be assumed when its zone is learnt, and its plan is stale then', async () => {
    await discovered(first, '2026-05-02T07:00:00', NOWHERE)
    expect(await staleAfter(() => discovered(first, '2026-05-02T07:00:00', NEW_YORK))).toBe(true)
    expect(await stored()).toMatchObject({ assumed: false, timezone: 'America/New_York' })
  })
})

describe('the cadence of an event', () => {
  const far = async () => intervalAt(eventSchedule(await stored()), Date.parse('2026-01-01T00:00:00Z'))
  const cadences = async () => (await stored()).holders.map(({ cadence }) => cadence)

  beforeEach(async () => {
    for (const partner of [first, second]) await discovered(partner, '2026-05-02T07:00:00', NEW_YORK)
  })

  it('is its own, else its partner’s, else the default', async () => {
    expect([await cadences(), await far()]).toEqual([[null, null], 4 * HOUR])
    await setPartnerCadence(db, first, '2h')
    expect([await cadences(), await far()]).toEqual([['2h', null], 2 * HOUR])
    await db
      .transaction()
      .execute((trx) => setEventCadence(trx, { provider: 'haku', partnerId: first, eventId: 'half' }, '3h'))
    expect([await cadences(), await far()]).toEqual([['3h', null], 3 * HOUR])
  })

  it('is the shortest that any partner of the account asks (S2)', async () => {
    await setPartnerCadence(db, first, '20h')
    await setPartnerCadence(db, second, '30m, stop: 5h')
    expect(await far()).toBe(30 * MINUTE)
    expect(eventSchedule(await stored()).overAt).toBe(Date.parse('2026-05-02T16:00:00Z'))
  })

  it('follows each partner’s own start', async () => {
    await discovered(second, '2026-05-09T07:00:00', NEW_YORK)
    const schedule = eventSchedule(await stored())
    const starts = ['2026-05-02T11:00:00Z', '2026-05-09T11:00:00Z'].map(Date.parse)
    expect(starts.map((start) => intervalAt(schedule, start))).toEqual([MINUTE, MINUTE])
    expect(schedule).toMatchObject({ start: starts[0], overAt: (starts[1] ?? 0) + HOUR })
  })

  it('makes its plan stale when it is set, for the event or the partner', async () => {
    const at = { provider: 'haku' as const, partnerId: second, eventId: 'half' }
    expect(await staleAfter(() => setPartnerCadence(db, first, '2h'))).toBe(true)
    expect(await staleAfter(() => setPartnerCadence(db, first, '2h'))).toBe(false)
    expect(await staleAfter(() => db.transaction().execute((trx) => setEventCadence(trx, at, '1h')))).toBe(
      true,
    )
  })

  it('outlives a discovery', async () => {
    await db
      .transaction()
      .execute((trx) => setEventCadence(trx, { provider: 'haku', partnerId: first, eventId: 'half' }, '3h'))
    await discovered(first, '2026-05-03T07:00:00', NEW_YORK)
    expect(await cadences()).toEqual(['3h', null])
  })
})

it('events are asked for by id, or all at once', async () => {
  await discovered(first, '2026-05-02', NEW_YORK, 'half')
  await discovered(first, '2026-05-03', NEW_YORK, 'ten')
  const ids = async (only?: { eventIds: string[] }) =>
    (await eventsOfAccount(db, accountId, only)).map(({ eventId }) => eventId)
  expect(await ids()).toEqual(['half', 'ten'])
  expect(await ids({ eventIds: ['ten', 'unknown'] })).toEqual(['ten'])
  expect(await ids({ eventIds: [] })).toEqual([])
})
