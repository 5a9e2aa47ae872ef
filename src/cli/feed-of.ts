import { StartlistError } from '../domain/errors.ts'
import type { PartnerEvent } from '../store/changes.ts'
import type { Db } from '../store/database.ts'
import { type EventOverview, listEvents } from '../store/overview/events.ts'

/** An event whose feed a command is about. */
export interface FeedEvent {
  event: EventOverview
  /** Of whose list the feed is. */
  at: PartnerEvent
  /** The one event that was asked for, where its list has several. */
  member: string | undefined
}

/** The lists, one for each timing partner, that an event is read in. */
async function feedsOf(db: Db, eventId: string, partnerId?: number): Promise<FeedEvent[]> {
  const events = await listEvents(db, { eventId, ...(partnerId === undefined ? {} : { partnerId }) })
  if (events.length === 0) throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventId}`)
  return events.map((event) => ({
    event,
    at: { provider: event.provider, partnerId: event.partnerId, eventId: event.eventId },
    member: event.eventId === eventId ? undefined : eventId,
  }))
}

/** @throws StartlistError USAGE, naming the timing partners, when several have it */
export async function feedOf(db: Db, eventId: string, partnerId?: number): Promise<FeedEvent> {
  const feeds = await feedsOf(db, eventId, partnerId)
  if (feeds.length > 1) {
    const partners = feeds.map(({ event }) => `${event.partnerId} (${event.partner})`).join(', ')
    throw new StartlistError('USAGE', `several timing partners have event ${eventId}: ${partners}`, {
      hint: 'Say whose with --partner ID: each has a feed and marks of their own.',
    })
  }
  return feeds[0]!
}
