import type { Hold } from '../view/race.ts'
import { count } from '../view/words.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

/** What of an event waits for a decision. */
export async function readHolds(event: string, signal: AbortSignal): Promise<Hold[]> {
  const { items } = await ask(api.GET('/holds', { params: { query: { event } }, signal }))
  return items.map(holdOf)
}

/** @returns the runs to undo it by */
export async function applyHold(id: number): Promise<number[]> {
  return (await ask(api.POST('/holds/{hold}/apply', { params: { path: { hold: id } } }))).runs
}

export async function discardHold(id: number): Promise<void> {
  await ask(api.POST('/holds/{hold}/discard', { params: { path: { hold: id } } }))
}

function holdOf({
  id,
  kind,
  reason,
  absent,
  known,
  asked,
  found,
  openedAt,
}: components['schemas']['Hold']): Hold {
  const isRemoval = kind === 'removal'
  const sampled =
    asked === 0
      ? ''
      : ` ${count(asked, 'person was', 'people were')} asked for one by one: ${found} still there.`
  return {
    id,
    isRemoval,
    title: isRemoval
      ? `${count(absent, 'person', 'people')} of ${known} are missing from the provider’s list`
      : 'The provider’s list looks like another race’s',
    detail: `${reason}.${sampled}`,
    at: instant(openedAt),
    absent,
  }
}
