import { z } from '@hono/zod-openapi'
import type { ProviderName } from '../../domain/account.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { Db, Trx } from '../../store/database.ts'
import {
  type EventKey,
  type EventLine,
  type FoundEvent,
  findEvent,
  findEventLine,
} from '../../store/overview/event-lines.ts'

export type { EventKey, FoundEvent } from '../../store/overview/event-lines.ts'

const FORM = /^(haku|runsignup):(\d{1,9}):(.{1,200})$/s

/** `haku:3:5f3a91c2`, in a path percent-encoded. */
export function eventKeyText({ provider, partnerId, eventId }: EventKey): string {
  return `${provider}:${partnerId}:${eventId}`
}

/** The parameter `{event}` of a path. */
export const EventParam = z
  .string()
  .regex(FORM, { error: 'provider:partner:event, as an event’s "key" has it' })
  .transform((text): EventKey => {
    const [, provider, partnerId, eventId] = FORM.exec(text)!
    return { provider: provider as ProviderName, partnerId: Number(partnerId), eventId: eventId! }
  })
  .openapi({ type: 'string', description: 'The `key` of an event', example: 'haku:3:5f3a91c2' })

/** Parameters of a path that begins with `/events/{event}`. */
export const EventParams = z.object({ event: EventParam })

/** @throws StartlistError NO_SUCH_EVENT where whoever reads sees none */
export async function requireEvent(db: Db | Trx, key: EventKey): Promise<FoundEvent> {
  return found(key, await findEvent(db, key))
}

/**
 * The event as overviews have it.
 * @throws StartlistError NO_SUCH_EVENT where whoever reads sees none
 */
export async function requireEventLine(db: Db | Trx, key: EventKey): Promise<EventLine> {
  return found(key, await findEventLine(db, key))
}

function found<T>(key: EventKey, event: T | null): T {
  if (event === null)
    throw new StartlistError('NO_SUCH_EVENT', `there is no event ${eventKeyText(key)}`, {
      hint: 'GET /v1/events shows the keys.',
    })
  return event
}
