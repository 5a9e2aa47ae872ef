import type { Json, JsonObject } from '../../domain/json.ts'
import type { Answer } from '../answer.ts'
import { failure } from './errors.ts'
import { isTrue, sliceOf, wholeNumber } from './query.ts'
import type { Race, RaceEvent } from './records.ts'
import type { Registration, Removal } from './registration.ts'
import { ageOf, type Place, renderRemoval, renderRow, renderTemplate, seconds } from './render-participant.ts'
import type { Traits } from './traits.ts'

/** A question for the rows of some events of one race. */
export interface Listing {
  race: Race
  events: readonly RaceEvent[]
  query: URLSearchParams
  traits: Traits
}

/** A row before it is written. */
interface Entry {
  event: RaceEvent
  registration: Registration
  /** last change, epoch ms */
  at: number
  render: (place: Place) => JsonObject
}

type SortKey = (entry: Entry, race: Race) => number | string
const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  registration_id: ({ registration }) => Number(registration.id),
  registration_date: ({ registration }) => registration.registeredAt,
  last_modified: ({ at }) => at,
  age: ({ registration, event }, race) => ageOf(registration, race, event),
  first_name: ({ registration }) => registration.runner.firstName,
  last_name: ({ registration }) => registration.runner.lastName,
  gender: ({ registration }) => registration.runner.gender,
  bib_num: ({ registration }) => Number(registration.bib),
  chip_num: ({ registration }) => registration.chip ?? '',
}

/** `GET /race/:id/participants` (RunSignUp API notes 2.4). */
export function listParticipants(listing: Listing): Answer {
  const { query } = listing
  const withoutBundles = isTrue(query, 'exclude_registrations_via_super_event')
  const entries = (event: RaceEvent): Entry[] =>
    [...event.registrations.values()]
      .filter((registration) => !(withoutBundles && registration.viaBundle))
      .map((registration) => ({
        event,
        registration,
        at: registration.modifiedAt,
        render: (place) => renderRow(registration, place),
      }))
  const template = isTrue(query, 'include_template_participant') && (wholeNumber(query, 'page') ?? 1) === 1
  return answerList(listing, entries, {
    first: (place) => (template ? [renderTemplate(place)] : []),
    wrap: (event, rows, { empty }) => ({
      event: { event_id: Number(event.id), participants: [] },
      ...(rows.length > 0 || empty === 'list'
        ? { participants: rows }
        : empty === 'null' && { participants: null }),
    }),
  })
}

/** `GET /race/:id/removed-participants` (RunSignUp API notes 2.5): here the rows are inside `event`. */
export function listRemoved(listing: Listing): Answer {
  const entries = (event: RaceEvent): Entry[] =>
    [...event.removals.values()].map((removal: Removal) => ({
      event,
      registration: removal.registration,
      at: removal.at,
      render: (place) => renderRemoval(removal, place),
    }))
  return answerList(listing, entries, {
    first: () => [],
    wrap: (event, rows, { empty }) => ({
      event: {
        event_id: Number(event.id),
        ...(rows.length > 0 || empty === 'list'
          ? { participants: rows }
          : empty === 'null' && { participants: null }),
      },
    }),
  })
}

/** How one of the two lists is written. */
interface Form {
  /** rows that come before an event's own, outside of the page size */
  first: (place: Place) => JsonObject[]
  /** the element of one event */
  wrap: (event: RaceEvent, rows: Json[], traits: Traits) => JsonObject
}

function answerList(listing: Listing, entriesOf: (event: RaceEvent) => Entry[], form: Form): Answer {
  const { race, events, query, traits } = listing
  const slice = sliceOf(query, traits.pageCap, traits.pageCapMode)
  const chosen = chosenBy(query, traits)
  const order = orderOf(query, traits, race)
  if (!slice || !chosen || !order) return failure(3, traits)
  const page = (entries: Entry[]): Entry[] =>
    entries
      .filter(chosen)
      .sort(order)
      .slice(slice.from, slice.from + slice.size)
  const shown =
    traits.pageOver === 'all'
      ? page(events.flatMap(entriesOf))
      : events.flatMap((event) => page(entriesOf(event)))
  const groups = events.map((event) => {
    const place: Place = { traits, race, event, query }
    const own = shown.filter((entry) => entry.event === event).map((entry) => entry.render(place))
    return { event, rows: [...form.first(place), ...own] }
  })
  return {
    status: 200,
    headers: {},
    rows: groups.flatMap(({ rows }) => rows),
    wrap: (rows) => elements(groups, rows, listing, form),
    list: true,
  }
}

/** Deals the rows out to their events again; a fault may have left fewer of them, or put more at the end. */
function elements(
  groups: readonly { event: RaceEvent; rows: JsonObject[] }[],
  rows: readonly Json[],
  { traits }: Listing,
  form: Form,
): Json {
  let from = 0
  const all = groups.flatMap(({ event, rows: own }, i) => {
    const last = i === groups.length - 1
    const dealt = rows.slice(from, last ? undefined : from + own.length)
    from += own.length
    return dealt.length === 0 && traits.empty === 'no-element' ? [] : form.wrap(event, dealt, traits)
  })
  const [only, ...others] = all
  return traits.shape === 'object' && only && others.length === 0 ? only : all
}

/** Which rows the query's bounds let through; null when a bound is no number. */
function chosenBy(query: URLSearchParams, traits: Traits): ((entry: Entry) => boolean) | null {
  const [after, before, modified, registeredAfter, registeredBefore] = [
    'after_registration_id',
    'before_registration_id',
    'modified_after_timestamp',
    'registered_after_timestamp',
    'registered_before_timestamp',
  ].map((name) => wholeNumber(query, name))
  const bounds = [after, before, modified, registeredAfter, registeredBefore]
  if (bounds.some((bound) => Number.isNaN(bound))) return null
  const since = traits.modifiedAfter === 'exclusive' ? (modified ?? 0) + 1 : (modified ?? 0)
  const unmodified = modified == null || traits.modifiedAfter === 'ignored'
  return ({ registration, at }) =>
    Number(registration.id) > (after ?? 0) &&
    Number(registration.id) < (before ?? Number.POSITIVE_INFINITY) &&
    (unmodified || seconds(at, traits) >= since) &&
    registration.registeredAt >= (registeredAfter ?? 0) * 1000 &&
    registration.registeredAt < ((registeredBefore ?? Number.POSITIVE_INFINITY) + 1) * 1000
}

/** The order that is asked for (`registration_id ASC` when none is), ids breaking ties; null for no order at all. */
function orderOf(
  query: URLSearchParams,
  traits: Traits,
  race: Race,
): ((a: Entry, b: Entry) => number) | null {
  const [name = '', direction = 'ASC'] = (query.get('sort') ?? 'registration_id ASC').trim().split(/\s+/)
  const asked = SORT_KEYS[name]
  if (!asked || !/^(ASC|DESC)$/i.test(direction)) return null
  const ignored = traits.sort === 'ignored'
  const key = ignored ? (SORT_KEYS.last_name as SortKey) : asked
  const sign = !ignored && /^DESC$/i.test(direction) ? -1 : 1
  return (a, b) =>
    sign * compare(key(a, race), key(b, race)) || Number(a.registration.id) - Number(b.registration.id)
}
