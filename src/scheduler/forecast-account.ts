import type { Config } from '../config.ts'
import { storedCadence } from '../domain/cadence.ts'
import type { Clock } from '../domain/clock.ts'
import { detailLimit } from '../domain/detail-limit.ts'
import { isZone } from '../domain/event-time.ts'
import { adapterOf } from '../providers/registry.ts'
import type { ForecastAccount, ForecastEvent } from '../quota/forecast.ts'
import type { AccountState } from '../store/accounts.ts'
import type { Db } from '../store/database.ts'
import { type AccountEvent, eventsOfAccount } from '../store/events.ts'
import { type ListFacts, listFacts } from '../store/overview/forecast.ts'
import { readDiscoveryMarks } from '../store/plans/account-plan.ts'
import { eventSchedule, hasEnded } from '../sync/event-schedule.ts'
import { limitsOf, readsDetails } from '../sync/open-account.ts'
import { BELIEVED_MS } from '../sync/pass.ts'

/** The smallest page that anybody has seen of a provider that caps them; a larger one makes sweeps cheaper than foreseen. */
const LEAST_PAGE = 25
const DAY = 24 * 3_600_000

/** Reads what a forecast needs to know of an account, without a call: its events that are not over, and its means. */
export async function readForecastAccount(
  { db, config, clock }: { db: Db; config: Config; clock: Clock },
  state: AccountState,
): Promise<ForecastAccount> {
  const { accountId } = state
  const now = clock.now()
  const capabilities = adapterOf(state.provider)?.provider.capabilities
  const events = (await eventsOfAccount(db, accountId)).filter(
    (event) => !event.missing && !hasEnded(eventSchedule(event), now),
  )
  const facts = new Map(
    (
      await listFacts(
        db,
        accountId,
        events.map(({ eventId }) => eventId),
      )
    ).map((known) => [known.eventId, known]),
  )
  const { zones } = await readDiscoveryMarks(db, accountId)
  const unorderedSince = (state.traits.list as { unorderedSince?: number | null } | undefined)?.unorderedSince
  return {
    accountId,
    limits: limitsOf(config, state),
    observedLimit: state.observedLimit,
    pageSize: capabilities?.smallerPageSizes.at(-1) ?? LEAST_PAGE,
    removedFeed: capabilities?.removedFeed ?? false,
    needsDetail: readsDetails(state),
    unorderedUntil: unorderedSince == null ? null : unorderedSince + BELIEVED_MS,
    sweeps: config.sweeps,
    timezone: zones.find((zone) => isZone(zone)) ?? 'UTC',
    events: events.map((event) => foreseen(event, facts.get(event.eventId), now)),
  }
}

function foreseen(event: AccountEvent, known: ListFacts | undefined, now: number): ForecastEvent {
  const { start } = eventSchedule(event)
  const overLimit = detailLimit(start, now, { spare: false }) > DAY ? known?.overWeek : known?.overDay
  return {
    eventId: event.eventId,
    name: event.name ?? event.eventId,
    holders: event.holders.flatMap(({ days, cadence }) =>
      days.map((times) => ({ times, cadence: storedCadence(cadence) })),
    ),
    size: known?.size ?? 0,
    complete: known?.complete ?? false,
    beganAt: known?.beganAt ?? null,
    sweptAt: known?.sweptAt ?? null,
    owed: known?.owed ?? 0,
    overLimit: overLimit ?? 0,
    changesPerHour: known?.changesPerHour ?? 0,
  }
}
