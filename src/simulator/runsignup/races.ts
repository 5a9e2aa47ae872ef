import type { JsonObject } from '../../domain/json.ts'
import type { Answer } from '../answer.ts'
import { failure } from './errors.ts'
import { isTrue, sliceOf } from './query.ts'
import type { Race, RaceEvent } from './records.ts'
import { currentEvents, dayOf, futureEvents, renderRace } from './render-race.ts'
import { queryDay } from './times.ts'
import type { Traits } from './traits.ts'
import type { World } from './world.ts'

/** A page of the given races (RunSignUp API notes 2.2). With `events=T` each has its current year's events. */
export function listRaces(
  world: World,
  races: readonly Race[],
  query: URLSearchParams,
  traits: Traits,
): Answer {
  const now = world.now()
  const slice = sliceOf(query, traits.racesPageCap, traits.pageCapMode)
  if (!slice) return failure(3, traits)
  const [from, to] = ['start_date', 'end_date'].map((name) => {
    const text = query.get(name)
    return text === null ? undefined : queryDay(text, now)
  })
  if (from === null || to === null) return failure(9, traits)
  const events = (race: Race) => shownEvents(race, world.eventsOf(race.id), query, now)
  const within = (race: Race): boolean =>
    world.eventsOf(race.id).some((event) => {
      const day = dayOf(event, race)
      return day !== null && day >= (from ?? day) && day <= (to ?? day)
    })
  const chosen = races.filter((race) => (from === undefined && to === undefined) || within(race))
  const page = chosen.slice(slice.from, slice.from + slice.size)
  return {
    status: 200,
    headers: {},
    rows: page.map(
      (race): JsonObject =>
        renderRace(race, {
          events: world.eventsOf(race.id),
          listed: isTrue(query, 'events') ? events(race) : null,
          now,
        }),
    ),
    wrap: (rows) => ({ races: rows.map((race) => ({ race })) }),
    list: true,
  }
}

function shownEvents(race: Race, events: RaceEvent[], query: URLSearchParams, now: number): RaceEvent[] {
  const current = currentEvents(race, events, now)
  return isTrue(query, 'future_events_only') ? futureEvents(race, current, now) : current
}

/** One race with all its events, past years included unless `future_events_only=T` (RunSignUp API notes 2.3). */
export function readRace(world: World, race: Race, query: URLSearchParams): Answer {
  const now = world.now()
  const events = world.eventsOf(race.id)
  const listed = isTrue(query, 'future_events_only') ? futureEvents(race, events, now) : events
  return {
    status: 200,
    headers: {},
    rows: [renderRace(race, { events, listed, now })],
    wrap: ([only]) => ({ race: only ?? null }),
    list: false,
  }
}
