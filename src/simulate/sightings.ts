import type { PartnerEvent } from '../store/changes.ts'
import type { Db } from '../store/database.ts'
import { type FeedEntry, readFeed } from '../store/overview/feed.ts'
import type { Change } from './changes.ts'
import type { Clocks } from './clocks.ts'
import type { Installation } from './installation.ts'
import type { SimulatedWorld } from './world.ts'

/** Tells when a change at the provider was committed for the last timing partner; null when it was not. */
export type Sightings = (change: Change) => number | null

const AT_ONCE = 1_000

/** Reads the change feeds of all events, from the scenario's start on. */
export async function readSightings(
  db: Db,
  clocks: Clocks,
  { partners }: Installation,
  { provider, events }: SimulatedWorld,
  since: number,
): Promise<Sightings> {
  /** By event and registration: the entries of each timing partner. */
  const feeds = new Map<string, FeedEntry[][]>()
  for (const { id: eventId, clientId } of events) {
    for (const partnerId of partners.get(clientId) ?? []) {
      const entries = await entriesOf(db, { provider: provider.name, partnerId, eventId })
      const fresh = entries.filter(({ seenAt }) => clocks.trueInstant(seenAt, since) >= since)
      for (const [number, mine] of Map.groupBy(fresh, ({ participantId }) => participantId)) {
        const key = keyOf(eventId, number)
        feeds.set(key, [...(feeds.get(key) ?? []), mine])
      }
    }
  }
  const holders = new Map(events.map(({ id, clientId }) => [id, partners.get(clientId)?.length ?? 0]))
  return (change) => {
    if (change.number === null) return null
    const mine = feeds.get(keyOf(change.eventId, change.number)) ?? []
    const seen = mine.flatMap((entries) => {
      const entry = entries.find((candidate) => shows(candidate, change))
      return entry === undefined ? [] : [clocks.trueInstant(entry.seenAt, change.at)]
    })
    return seen.length < (holders.get(change.eventId) ?? 0) ? null : Math.max(...seen)
  }
}

const keyOf = (eventId: string, number: string) => `${eventId} ${number}`

async function entriesOf(db: Db, event: PartnerEvent): Promise<FeedEntry[]> {
  const entries: FeedEntry[] = []
  for (;;) {
    const after = entries.at(-1)?.position ?? 0
    const page = await readFeed(db, event, after, AT_ONCE)
    entries.push(...page)
    if (page.length < AT_ONCE) return entries
  }
}

function shows({ change, fields }: FeedEntry, { kind, bib }: Change): boolean {
  if (kind === 'entry') return change === 'added'
  if (kind === 'withdrawn') return isGone(fields.registration_status?.[1])
  return fields.provider_bib?.[1] === bib
}

/** A provider that keeps who cancels in its lists, and one that takes them out. */
const isGone = (status: unknown) => status === 'cancelled' || status === 'removed'
