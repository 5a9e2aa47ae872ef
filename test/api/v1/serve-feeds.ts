import { afterAll } from 'vitest'
import type { PartnerEvent } from '../../../src/store/changes.ts'
import { seedFeed } from '../../feed/feeds.ts'
import { type Served, serveApi } from './serve.ts'

/** The API of two timing partners that have a feed each. */
export interface ServedFeeds {
  api: Served
  at: PartnerEvent
  other: PartnerEvent
  /** Tokens: of the partner of `at`, and of an administrator. */
  mine: string
  admin: string
}

const served: Served[] = []
afterAll(async () => {
  for (const { services } of served) await services.hub.stop()
})

/** Serves it on a database of its own; its hub is stopped at the end of the test file. */
export async function serveFeeds(): Promise<ServedFeeds> {
  const api = await serveApi()
  served.push(api)
  const at = await seedFeed(api.db, 'dawn')
  const other = await seedFeed(api.db, 'dusk')
  return { api, at, other, mine: await api.token(at.partnerId), admin: await api.token(null) }
}

export const path = (event: PartnerEvent, rest: string) =>
  `/v1/events/${encodeURIComponent(`haku:${event.partnerId}:${event.eventId}`)}${rest}`
export const json = async (answer: Response) => (await answer.json()) as Record<string, never>
export const post = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})
