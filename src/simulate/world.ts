import { Temporal } from 'temporal-polyfill'
import type { Clock } from '../domain/clock.ts'
import { type Schedule, scheduleOf } from '../domain/schedule.ts'
import { simulatedHaku } from './provider/haku.ts'
import type { SimulatedProvider } from './provider/provider.ts'
import { simulatedRunSignUp } from './provider/runsignup.ts'
import { expandedNames, type Scenario, type ScenarioAccount, type ScenarioEvent } from './scenario.ts'
import { cadenceOf } from './scenario-file.ts'

/** An event of the simulated provider, with what a judge needs to know of it. */
export interface SimulatedEvent {
  /** of its list, as startlist knows it */
  id: string
  name: string
  clientId: string
  /** its lists were stored before the scenario begins */
  known: boolean
  changesPerHour: number
  /** as `startlist events set` takes it; undefined for the default */
  cadence: string | undefined
  schedule: Schedule
}

/** A client id and those who hold it. */
export interface SimulatedAccount {
  name: string
  clientId: string
  secret: string
  timezone: string
  partners: readonly string[]
  /** calls in any rolling 60 minutes that the provider allows */
  limit: number
}

/** The provider that a scenario plays at. */
export interface SimulatedWorld {
  provider: SimulatedProvider
  accounts: SimulatedAccount[]
  events: SimulatedEvent[]
}

const PROVIDERS = { haku: simulatedHaku, runsignup: simulatedRunSignUp }

/**
 * Builds the world as it stands `aheadMs` before the scenario begins, and starts its provider.
 * @param clock the provider's own, never skewed; stands at that instant
 * @param floorMs shortest poll interval that makes sense at the provider
 */
export async function buildWorld(scenario: Scenario, clock: Clock, floorMs: number): Promise<SimulatedWorld> {
  const provider = await PROVIDERS[scenario.provider.name](scenario, clock)
  const accounts: SimulatedAccount[] = []
  const events: SimulatedEvent[] = []
  for (const account of scenario.accounts) {
    const made = addAccount(provider, account, scenario.quota)
    accounts.push(made)
    for (const event of account.events) events.push(...addEvents(provider, made, event, floorMs))
  }
  return { provider, accounts, events }
}

function addAccount(provider: SimulatedProvider, account: ScenarioAccount, quota: number): SimulatedAccount {
  const { name, timezone, partners } = account
  const { clientId, secret } = provider.addAccount({ name, timezone })
  const limit = account.limit ?? quota
  provider.limit(clientId, limit)
  return { name, clientId, secret, timezone, partners, limit }
}

function addEvents(
  provider: SimulatedProvider,
  { clientId, timezone }: SimulatedAccount,
  event: ScenarioEvent,
  floorMs: number,
): SimulatedEvent[] {
  const { participants, starts, known, cadence, changesPerHour } = event
  const schedule = scheduleIn(event, timezone, floorMs)
  const startsAt = instantOf(isDay(starts) ? `${starts}T00:00` : starts, timezone)
  return expandedNames(event).map((name) => {
    const id = provider.addEvent(clientId, { name, participants, startsAt, isDay: isDay(starts) })
    return { id, name, clientId, known, changesPerHour, cadence, schedule }
  })
}

/** When an event of a scenario is polled, in its account's zone. */
export function scheduleIn({ starts, cadence }: ScenarioEvent, timezone: string, floorMs: number): Schedule {
  const startsAt = isDay(starts) ? null : instantOf(starts, timezone)
  const startDay = isDay(starts) ? starts : null
  return scheduleOf(
    { startsAt, startDay, endsAt: null, endDay: null, timezone, assumed: false },
    cadenceOf(cadence, floorMs),
  )
}

const isDay = (starts: string) => !starts.includes('T')
const instantOf = (local: string, zone: string) =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds
