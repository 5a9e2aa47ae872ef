import type { Account } from '../../src/domain/account.ts'
import { systemClock, VirtualClock } from '../../src/domain/clock.ts'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import { defaultTraits, world } from '../../src/simulator/index.ts'
import { renderWhole } from '../../src/simulator/render.ts'
import { ensureAccount } from '../../src/store/accounts.ts'
import type { Db } from '../../src/store/database.ts'
import { setHolderState } from '../../src/store/events.ts'
import { takeLane } from '../../src/store/lanes.ts'

/** What every contender writes into: one timing partner, one account with its lane held. */
export interface Stage {
  account: Account
  partnerId: number
  fence: number
}

export const RACE_DAY = '2026-05-31'
/** Provider's stamps begin here; each version of a record is a second later. */
const FIRST_STAMP = Date.parse('2026-05-01T12:00:00Z')

/** Makes partner, account and lane, and an event for each contender. */
export async function makeStage(db: Db, eventIds: readonly string[]): Promise<Stage> {
  const { timing_partner_id: partnerId } = await db
    .insertInto('timing_partners')
    .values({ company_name: 'Bench Timing' })
    .returning('timing_partner_id')
    .executeTakeFirstOrThrow()
  const accountId = await ensureAccount(db, 'haku', 'bench')
  const lane = await takeLane(db, accountId, `bench:${process.pid}`, 3_600_000)
  if (lane === null) throw new Error('the lane of a new account is taken')
  for (const eventId of eventIds) {
    await db
      .insertInto('haku_events')
      .values({ event_id: eventId, timing_partner_id: partnerId, account_id: accountId, start_day: RACE_DAY })
      .execute()
    const at = { provider: 'haku', accountId, eventId, partnerId } as const
    await db.transaction().execute((trx) => setHolderState(trx, at, 'current', null))
  }
  return { account: { accountId, provider: 'haku', principal: 'bench' }, partnerId, fence: lane.fence }
}

/** Whole registrations of the simulated Haku, every name invented. */
function inventRecords(count: number): JsonObject[] {
  const made = world({ clock: new VirtualClock(FIRST_STAMP), seed: 7 })
  const organization = made.addOrganization()
  const event = made.addEvent(organization, { participants: count })
  const place = { traits: defaultTraits, organization, event }
  return [...event.registrations.values()].map((registration) => renderWhole(registration, place))
}

/** A race being edited: its records as the provider shows them now. */
export class Race {
  readonly records: JsonObject[]
  #version = 0

  constructor(count: number) {
    this.records = inventRecords(count)
  }

  /** Changes a share (0 to 1) of the first `count` records: each gets another bib, every third also a phone. */
  change(share: number, count: number): void {
    const version = ++this.#version
    const step = share === 0 ? Number.POSITIVE_INFINITY : Math.round(1 / share)
    for (let i = version % step; i < count; i += step) {
      const old = this.records[i]
      if (old) this.records[i] = changed(old, version, i)
    }
  }
}

function changed(record: JsonObject, version: number, i: number): JsonObject {
  const [first, ...rest] = record.event_categories as JsonObject[]
  const participant = record.participant as JsonObject
  const phone: Json = i % 3 === 0 ? `999-555-${7000 + (version % 1000)}` : (participant.phone ?? null)
  return {
    ...record,
    updated_at: new Date(FIRST_STAMP + version * 1000).toISOString(),
    event_categories: [{ ...first, tag_number: String(version * 10_000 + i) }, ...rest],
    participant: { ...participant, phone },
  }
}

/** A response's `Date`: later than every stamp. */
export const responseDate = () => systemClock.now()
