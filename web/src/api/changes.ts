import type { Page, PageOf } from '../view/pages.ts'
import type { Change, ChangeKind, Mark } from '../view/race.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

/** Which changes are wanted; an empty text is no question. */
export interface ChangeFilter {
  /** the name of a mark; without one the newest changes */
  since: string
  kind: ChangeKind | ''
  q: string
}

/** What changed, newest first: since a mark one entry for each person, what came of it all. */
export async function readChanges(
  event: string,
  filter: ChangeFilter,
  pageOf: PageOf,
  signal: AbortSignal,
): Promise<Page<Change>> {
  const query = { ...queryOf(filter), ...pageOf, order: 'newest' as const }
  const page = await ask(api.GET('/events/{event}/changes', { params: { path: { event }, query }, signal }))
  return { items: page.items.map(changeOf), next: page.next }
}

/** Where the same is to be had as a file. */
export function changesCsv(event: string, filter: ChangeFilter): string {
  const wanted = Object.entries(queryOf(filter))
  const query = new URLSearchParams(wanted.map(([name, what]) => [name, String(what)]))
  return `/v1/events/${encodeURIComponent(event)}/changes.csv?${query}`
}

function queryOf({ since, kind, q }: ChangeFilter) {
  return {
    ...(since === '' ? {} : { since, net: true }),
    ...(kind === '' ? {} : { kind }),
    ...(q === '' ? {} : { q }),
  }
}

/** Named moments, newest first. */
export async function readMarks(event: string, signal: AbortSignal): Promise<Mark[]> {
  const { items } = await ask(api.GET('/events/{event}/marks', { params: { path: { event } }, signal }))
  return items.map(markOf).toReversed()
}

/**
 * Marks this moment; one of this name moves here.
 * @param position another place of the feed: what a file goes up to
 */
export async function addMark(event: string, name: string, position?: number): Promise<void> {
  const body = { name, move: true, ...(position === undefined ? {} : { position }) }
  await ask(api.POST('/events/{event}/marks', { params: { path: { event } }, body }))
}

export async function removeMark(event: string, mark: number): Promise<void> {
  await ask(api.DELETE('/events/{event}/marks/{mark}', { params: { path: { event, mark } } }))
}

const markOf = ({ id, name, madeAt, since, kept }: components['schemas']['Mark']): Mark => ({
  ...{ id, name },
  at: instant(madeAt),
  changes: since,
  isKept: kept,
})

/** The client takes a pair for a list of any length. */
type Entry = Omit<components['schemas']['Change'], 'fields'> & { fields: Record<string, readonly unknown[]> }

function changeOf(entry: Entry): Change {
  const { position, participantId, change, fields, firstName, lastName, bib, seenAt } = entry
  const name = [firstName, lastName].filter(Boolean).join(' ')
  return {
    ...{ position, participantId, bib },
    kind: change,
    person: name === '' ? `Registration ${participantId}` : name,
    fields: Object.entries(fields).map(([field, [from, to]]) => ({
      field,
      from: from as unknown,
      to: to as unknown,
    })),
    at: instant(seenAt),
  }
}
