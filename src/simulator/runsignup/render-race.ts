import type { JsonObject } from '../../domain/json.ts'
import type { Race, RaceEvent } from './records.ts'
import { dayAt, EASTERN, slashDate, slashStamp, slashTime } from './times.ts'

const tf = (value: boolean): 'T' | 'F' => (value ? 'T' : 'F')

/** The race's local day of an event, `YYYY-MM-DD`; null without a date. */
export function dayOf(event: RaceEvent, race: Race): string | null {
  return event.startsAt === null ? null : dayAt(event.startsAt, race.timezone)
}

/** First and last day of the year's events (`race_event_days_id`) that one of them belongs to. */
interface Dates {
  daysId: number
  first: string
  last: string
}

/** The next dates of a race from today on, and the last ones before; null where there are none. `now`: epoch ms. */
function datesOf(
  race: Race,
  events: readonly RaceEvent[],
  now: number,
): { next: Dates | null; last: Dates | null } {
  const today = dayAt(now, race.timezone)
  const dated = events
    .flatMap((event) => {
      const day = dayOf(event, race)
      return day === null ? [] : [{ daysId: event.daysId, day }]
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1))
  const group = (days: typeof dated, one: (typeof dated)[number] | undefined): Dates | null => {
    const same = days.filter(({ daysId }) => daysId === one?.daysId)
    const [first, last] = [same[0], same.at(-1)]
    return first && last ? { daysId: first.daysId, first: first.day, last: last.day } : null
  }
  const future = dated.filter(({ day }) => day >= today)
  const past = dated.filter(({ day }) => day < today)
  return { next: group(future, future[0]), last: group(past, past.at(-1)) }
}

function renderEvent(event: RaceEvent, race: Race): JsonObject {
  const time = (ms: number | null) => (ms === null ? null : slashTime(ms, race.timezone))
  const opens = slashTime(race.createdAt, EASTERN)
  return {
    event_id: Number(event.id),
    race_event_days_id: event.daysId,
    name: event.name,
    details: null,
    start_time: time(event.startsAt),
    end_time: time(event.endsAt),
    age_calc_base_date: null,
    registration_opens: opens,
    event_type: 'running_race',
    distance: event.distance,
    volunteer: 'F',
    require_dob: 'T',
    require_phone: 'F',
    registration_periods: [
      {
        registration_opens: opens,
        registration_closes: time(event.startsAt),
        race_fee: '$55.00',
        processing_fee: '$2.75',
      },
    ],
    giveaway: null,
    ...(event.contains.length > 0 && { sub_event_ids: event.contains.map(Number) }),
  }
}

/** What of a race is shown, and at which instant (epoch ms). */
export interface RaceView {
  /** all of the race's events that were not deleted: its dates come from them */
  events: readonly RaceEvent[]
  /** those that are listed; null for none of them, not even an empty list */
  listed: readonly RaceEvent[] | null
  now: number
}

/** The content of a `race` (RunSignUp API notes 2.3). */
export function renderRace(race: Race, { events, listed, now }: RaceView): JsonObject {
  const { next, last } = datesOf(race, events, now)
  const date = (day: string | undefined) => (day === undefined ? null : slashDate(day))
  return {
    race_id: Number(race.id),
    name: race.name,
    last_date: date(last?.first),
    last_end_date: date(last?.last),
    next_date: date(next?.first),
    next_end_date: date(next?.last),
    is_draft_race: tf(race.isDraft),
    is_private_race: tf(race.isPrivate),
    is_registration_open: tf(next !== null),
    created: slashStamp(race.createdAt, EASTERN),
    last_modified: slashStamp(race.modifiedAt, EASTERN),
    description: '<p>A flat and fast course.&nbsp;</p>',
    url: `https://runsignup.example/Race/${race.id}`,
    external_race_url: null,
    external_results_url: null,
    fb_page_id: null,
    fb_event_id: null,
    address: {
      street: '1 Riverside Park',
      city: 'Springhaven',
      state: 'NJ',
      zipcode: '08057',
      country_code: 'US',
    },
    timezone: race.timezone,
    logo_url: null,
    can_use_registration_api: 'F',
    real_time_notifications_enabled: 'F',
    ...(listed && { events: listed.map((event) => renderEvent(event, race)) }),
  }
}

/** The events of a race's current year: the next one, else the last; those without a date are always current. */
export function currentEvents(race: Race, events: readonly RaceEvent[], now: number): RaceEvent[] {
  const { next, last } = datesOf(race, events, now)
  const daysId = (next ?? last)?.daysId
  return events.filter((event) => event.startsAt === null || event.daysId === daysId)
}

/** Events whose day is today or later in the race's zone, and those without a date. */
export function futureEvents(race: Race, events: readonly RaceEvent[], now: number): RaceEvent[] {
  const today = dayAt(now, race.timezone)
  return events.filter((event) => (dayOf(event, race) ?? today) >= today)
}
