import { StartlistError } from '../../domain/errors.ts'
import type { AccountConnection, ConnectOptions } from '../connect.ts'
import type { DetailAnswer, EventsPage, ListPage, ListRequest, RemovedPage } from '../provider.ts'
import { connectRunSignUp } from './client.ts'
import { readIncludes } from './includes.ts'
import type { RaceRecord } from './races.ts'
import { MAX_EVENTS, type RegistrationsRequest } from './registrations-call.ts'

/** A RunSignUp account as the engine uses one: its lists are races', each with the registrations of several events. */
export function connectRunSignUpAccount(options: ConnectOptions): AccountConnection {
  const { include, principal } = options
  const line = connectRunSignUp({
    ...options,
    apiKey: principal,
    ...(include && { includes: readIncludes(include) }),
  })

  return {
    needsDetail: false,
    get askPageSize() {
      return line.registrationsPerPage
    },
    get askEventsPageSize() {
      return line.racesPerPage
    },
    prove: (secret) => line.prove(secret),

    async confirm() {
      const [first] = options.secrets
      if (first !== undefined) await line.prove(first)
    },

    async listEvents(request): Promise<EventsPage> {
      const { races, keyless, length, date } = await line.listRaces(request)
      const keys = races.map((race) => race.raceId)
      return { events: races.flatMap(eventsOf), keys, keyless, length, date }
    },

    async listParticipants(raceId, request): Promise<ListPage> {
      const pages = await inChunks(request, (events, page) => line.listParticipants(raceId, events, page))
      const rows = pages.flatMap((page) => page.rows)
      ofThese(raceId, rows, request)
      const keyless = pages.flatMap((page) => page.keyless)
      return { rows, keyless, ...summed(pages), total: null, localStamps: false }
    },

    async listRemoved(raceId, request): Promise<RemovedPage> {
      const pages = await inChunks(request, (events, page) => line.listRemoved(raceId, events, page))
      const rows = pages.flatMap((page) => page.rows)
      ofThese(raceId, rows, request)
      return { rows, ...summed(pages) }
    },

    async readDetail(raceId, key, purpose = 'detail', events = []): Promise<DetailAnswer> {
      for (const chunk of chunksOf(events)) {
        const row = await line.readRegistration(raceId, chunk, key, purpose)
        if (row !== null) return { found: true, record: row.record }
      }
      return { found: false }
    },
  }
}

/** Events with their race, and with what could not be read of it. */
function eventsOf({ events, problems, ...race }: RaceRecord): EventsPage['events'] {
  return events.map((event, i) => ({
    ...event,
    // Once: it is one record that is broken.
    problems:
      i === 0
        ? [...event.problems, ...problems.map((p) => ({ ...p, field: `race.${p.field}` }))]
        : event.problems,
    part: {
      race,
      ageBaseDate: event.ageBaseDate,
      registrationOpens: event.registrationOpens,
      volunteer: event.volunteer,
      requiresBirthDate: event.requiresBirthDate,
      requiresPhone: event.requiresPhone,
      giveaway: event.giveaway,
    },
  }))
}

/** A call for as many events as it takes; more than that are asked for in several, page by page. */
async function inChunks<P>(
  { events = [], page, perPage, changedSince = null }: ListRequest,
  ask: (events: readonly string[], request: RegistrationsRequest) => Promise<P>,
): Promise<P[]> {
  const pages: P[] = []
  for (const chunk of chunksOf(events)) pages.push(await ask(chunk, { page, perPage, changedSince }))
  return pages
}

function chunksOf(events: readonly string[]): string[][] {
  const chunks: string[][] = []
  for (let from = 0; from < events.length; from += MAX_EVENTS)
    chunks.push(events.slice(from, from + MAX_EVENTS))
  return chunks
}

/** The earliest `Date` counts: what changed after it may be missing from that part. */
function summed(pages: readonly { length: number; date: number }[]): { length: number; date: number } {
  return {
    length: pages.reduce((sum, page) => sum + page.length, 0),
    date: Math.min(...pages.map((page) => page.date)),
  }
}

/** Rows bear their event: another race's list shows at once, and nothing of it is stored (A3). */
function ofThese(raceId: string, rows: readonly { eventId: string }[], { events = [] }: ListRequest): void {
  const asked = new Set(events)
  if (rows.every((row) => asked.has(row.eventId))) return
  throw new StartlistError(
    'BAD_SHAPE',
    `race ${raceId}: the answer has registrations of events that were not asked for`,
  )
}
