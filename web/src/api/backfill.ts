import { type BackfillAccount, sentenceOf } from '../view/backfill.ts'
import { count } from '../view/words.ts'
import { api, ask } from './client.ts'
import type { components } from './schema.d.ts'

/** How far the first reading has come, account by account. */
export async function readBackfill(signal: AbortSignal): Promise<BackfillAccount[]> {
  const { accounts, races } = await ask(api.GET('/backfill', { signal }))
  return accounts.map(({ id, organizations, backfill }) => ({
    id,
    label: organizations,
    sentence: backfill === null ? null : sentenceOf(backfill),
    races: races.filter(({ accountId }) => accountId === id).map(raceOf),
  }))
}

function raceOf(race: components['schemas']['BackfillRace']): BackfillAccount['races'][number] {
  const { listId, name, participants, pages, seen, total, pending, complete } = race
  const owed = pending === 0 ? '' : `${count(pending, 'detail')} still to be read`
  if (complete) return { key: listId, name, done: participants - pending, total: participants, note: owed }
  const read = pages === 0 ? '' : `${count(pages, 'page')} so far`
  return { key: listId, name, done: seen, total, note: [read, owed].filter(Boolean).join(', ') }
}
