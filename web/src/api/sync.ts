import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

/** What "Sync now" costs, and whether it is worth it. */
export interface SyncCost {
  calls: number
  /** changes cost calls that nobody can count before */
  isLeast: boolean
  note: string
  limit: number
  left: number
  /** the first call has to wait until then; null: at once */
  notBefore: number | null
  /** somebody has asked for it already */
  isAsked: boolean
}

export async function readSyncCost(event: string): Promise<SyncCost> {
  return costOf(await ask(api.GET('/events/{event}/sync', { params: { path: { event } } })))
}

/** @returns what comes of it, in a sentence */
export async function syncNow(event: string): Promise<string> {
  const { running } = await ask(api.POST('/events/{event}/sync', { params: { path: { event } } }))
  return running
    ? 'Asked for: the account’s next call is this race’s. This page shows what comes of it.'
    : 'Asked for, but startlist run is not running: nobody looks yet.'
}

const costOf = ({
  calls,
  isLeast,
  note,
  limit,
  left,
  notBefore,
  asked,
}: components['schemas']['SyncCost']) => ({
  ...{ calls, isLeast, note, limit, left },
  notBefore: instant(notBefore),
  isAsked: asked,
})
