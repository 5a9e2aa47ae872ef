import { changeBibAuthority } from '../bibs/authority.ts'
import { StartlistError } from '../domain/errors.ts'
import type { EventRecord, EventTime } from '../domain/event.ts'
import { readEventTime } from '../domain/event-time.ts'
import { adapterOf } from '../providers/registry.ts'
import { setBibRanges } from '../store/bibs/lists.ts'
import { type EventSource, eventSources, listEvents } from '../store/overview/events.ts'
import { type EventPlace, placeEvent, setEventCadence } from '../store/partners.ts'
import { eventRow } from '../sync/event-row.ts'
import type { Command } from './cli.ts'
import { tellEvents, withCounts } from './events.ts'
import { bibRangesOption, cadenceOption, optionalId, zoneOption } from './options.ts'
import { withSession } from './session.ts'

export interface SetEventOptions {
  event: string
  partner?: string
  start?: string
  timezone?: string
  cadence?: string
  bibAuthority?: string
  bibRange?: string
}

/** Takes back what a person set: the provider's word holds again. */
const PROVIDER = 'provider'

/** What a person says of an event; `null` takes back what was said before. */
interface Said {
  start?: string | null
  timezone?: string | null
}

/** `events set`: what a person knows better than the provider, how often to poll, and whose bib counts. */
export const setEvent: Command<SetEventOptions> = (cli, options) => {
  const said = readSaid(options)
  const authority = readAuthority(options.bibAuthority)
  const ranges = options.bibRange === undefined ? undefined : bibRangesOption(options.bibRange)
  const cadence = options.cadence === undefined ? undefined : cadenceOption(options.cadence)
  const isNothing = [cadence, authority, ranges].every((value) => value === undefined)
  if (Object.keys(said).length === 0 && isNothing)
    throw new StartlistError(
      'USAGE',
      'nothing to set: give --start, --timezone, --cadence, --bib-authority or --bib-range',
    )
  const partnerId = optionalId(options.partner, '--partner')
  const only = { eventId: options.event, ...(partnerId === undefined ? {} : { partnerId }) }
  return withSession(cli, {}, async ({ db }) => {
    const lists = await db.transaction().execute(async (trx) => {
      const sources = await eventSources(trx, only)
      if (sources.length === 0)
        throw new StartlistError('NO_SUCH_EVENT', `there is no event ${options.event}`)
      if (said.start !== undefined) oneStart(sources, options.event)
      for (const source of sources) {
        if (Object.keys(said).length > 0) await placeEvent(trx, source, placeOf(source, said))
        const list = { ...source, eventId: source.listId }
        if (cadence !== undefined) await setEventCadence(trx, list, cadence)
        if (ranges !== undefined) await setBibRanges(trx, source, ranges)
      }
      return new Map(
        sources.map((source) => [`${source.provider} ${source.partnerId} ${source.listId}`, source]),
      )
    })
    let renumbered = 0
    if (authority !== undefined)
      for (const list of lists.values()) renumbered += await changeBibAuthority(db, list, authority)
    tellEvents(cli, await withCounts(db, await listEvents(db, only)))
    if (authority !== undefined)
      cli.out.line(`${renumbered} ${renumbered === 1 ? 'person has' : 'people have'} another bib now.`)
    if (ranges !== undefined)
      cli.out.line(`Bibs that belong to it: ${ranges ?? 'any'}. startlist check tells of others.`)
    return 0
  })
}

/** The events of a race start one by one. */
function oneStart(sources: readonly EventSource[], id: string): void {
  const events = [...new Set(sources.map(({ eventId }) => eventId))]
  if (events.length === 1) return
  throw new StartlistError(
    'BAD_INPUT',
    `${id} is a race of ${events.length} events, each with a start of its own`,
    {
      hint: `Name one of them with --event: ${events.slice(0, 8).join(', ')}${events.length > 8 ? ', ...' : ''}`,
    },
  )
}

function readSaid({ start, timezone }: SetEventOptions): Said {
  const said: Said = {}
  if (timezone !== undefined) said.timezone = timezone === PROVIDER ? null : zoneOption(timezone)
  if (start === undefined) return said
  if (start !== PROVIDER && (readEventTime(start) ?? null) === null) {
    throw new StartlistError('BAD_INPUT', `"${start}" is no start`, {
      hint: "Give 2026-11-28T07:00 (in the event's zone), 2026-11-28T07:00-05:00, or 2026-11-28 for a day.",
    })
  }
  said.start = start === PROVIDER ? null : start
  return said
}

function readAuthority(text: string | undefined): 'provider' | 'local' | undefined {
  if (text === undefined || text === 'provider' || text === 'local') return text
  throw new StartlistError('BAD_INPUT', `"${text}" is no bib authority: it is provider or local`)
}

/** Where the event is, given the provider's words and a person's (T2, T3). */
function placeOf(source: EventSource, said: Said): EventPlace {
  const overrideStart = said.start === undefined ? source.overrideStart : said.start
  const overrideTimezone = said.timezone === undefined ? source.overrideTimezone : said.timezone
  const record = recordOf(source)
  const starts = overrideStart === null ? record.starts : (readEventTime(overrideStart) ?? null)
  const row = eventRow(
    { ...record, starts },
    { override: overrideTimezone, organization: source.organizationZone, partner: source.partnerZone },
  )
  if (overrideStart !== null && starts?.kind === 'local' && row.timezone === null) {
    throw new StartlistError(
      'BAD_INPUT',
      "a start without an offset needs the event's zone, which is unknown",
      {
        hint: 'Give --timezone as well, or the start with its offset.',
      },
    )
  }
  const { startsAt, startsAssumed, startDay, startWall, endsAt, endDay, endWall, timezone, timezoneSource } =
    row
  return {
    ...{ startsAt, startsAssumed, startDay, startWall, endsAt, endDay, endWall, timezone },
    ...{ overrideStart, overrideTimezone },
    timezoneSource: overrideTimezone === null ? timezoneSource : 'override',
  }
}

/** The provider's own words; of an adopted event only the wall clock of the legacy columns is known. */
function recordOf({ provider, eventId, raw, shared, startWall, endWall }: EventSource): EventRecord {
  const adapter = adapterOf(provider)
  if (adapter === undefined) throw new StartlistError('INTERNAL', `no adapter for ${provider}`)
  const record = adapter.provider.readEvent(eventId, raw ?? {}, shared)
  return raw === null ? { ...record, starts: wallTime(startWall), ends: wallTime(endWall) } : record
}

const wallTime = (wall: string | null): EventTime | null => readEventTime(wall) ?? null
