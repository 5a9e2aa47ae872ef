import type { Page, PageOf } from '../view/pages.ts'
import type { RejectDetail, RejectView } from '../view/rejects.ts'
import { label } from '../view/words.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

/** What could not be stored as it came. */
export async function readRejects(pageOf: PageOf, signal: AbortSignal): Promise<Page<RejectView>> {
  const page = await ask(api.GET('/rejects', { params: { query: pageOf }, signal }))
  return { items: page.items.map(rejectOf), next: page.next }
}

export async function readReject(reject: number, signal: AbortSignal): Promise<RejectDetail> {
  const found = await ask(api.GET('/rejects/{reject}', { params: { path: { reject } }, signal }))
  return { ...rejectOf(found), value: found.raw }
}

/** @returns what came of it, in a sentence */
export async function retryReject(reject: number): Promise<string> {
  const { stored } = await ask(api.POST('/rejects/{reject}/retry', { params: { path: { reject } } }))
  return stored ? 'It is readable now, and stored.' : 'It still cannot be read; it stays here.'
}

function rejectOf(reject: components['schemas']['Reject']): RejectView {
  const { id, kind, participantId, field, reason, listId, provider, lastSeen } = reject
  const who = participantId === null ? 'A record without a number' : `Registration ${participantId}`
  return {
    id,
    what: kind === 'field' ? `${who}: ${label(field ?? 'a field')}` : who,
    why: reason,
    list: `${provider} ${listId}`,
    at: instant(lastSeen),
  }
}
