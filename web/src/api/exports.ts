import type { ExportFormat, FileFacts, Freeze } from '../view/exports.ts'
import { api, ask, instant } from './client.ts'
import { Problem } from './problem.ts'
import type { components } from './schema.d.ts'

/** Which file. */
export interface WantedFile {
  format: string
  /** a mark: only who changed after it; empty for everybody */
  since: string
  /** instead of the list, who is not on it any more */
  withdrawn: boolean
  /** beside what the format does by itself */
  options: Readonly<Record<string, string>>
}

/** Every format with what can be chosen for it. */
export async function readFormats(signal: AbortSignal): Promise<ExportFormat[]> {
  const { items } = await ask(api.GET('/export-formats', { signal }))
  return items.map(({ format, title, extension, options }) => ({
    name: format,
    title: `${title.charAt(0).toUpperCase()}${title.slice(1)} (${extension})`,
    options,
  }))
}

/** Where a file is to be had. */
export function exportHref(event: string, { format, since, withdrawn, options }: WantedFile): string {
  const query = new URLSearchParams(options)
  if (since !== '') query.set('since', since)
  if (withdrawn) query.set('withdrawn', 'true')
  return `${eventPath(event)}/exports/${format}${query.size === 0 ? '' : `?${query}`}`
}

/** Where a frozen list is to be had as a file. */
export function frozenHref(event: string, freeze: number, { format, options }: WantedFile): string {
  const query = new URLSearchParams(options)
  return `${eventPath(event)}/freezes/${freeze}/exports/${format}${query.size === 0 ? '' : `?${query}`}`
}

const eventPath = (event: string): string => `/v1/events/${encodeURIComponent(event)}`

/**
 * Looks at a file before it is loaded: a browser tells nobody why a download failed.
 * @throws Problem
 */
export async function lookAtFile(href: string): Promise<FileFacts> {
  const head = await fetch(href, { method: 'HEAD' }).catch((error: unknown) => {
    throw Problem.of(error)
  })
  if (!head.ok) {
    // A head has no words.
    const answer = await fetch(href)
    throw Problem.from(answer.status, await answer.json().catch(() => null))
  }
  const told = (name: string) => head.headers.get(`startlist-${name}`) ?? ''
  return {
    at: Date.parse(told('at')),
    position: Number(told('position')),
    registrations: Number(told('registrations')),
    pending: Number(told('pending')),
  }
}

export async function readFreezes(event: string, signal: AbortSignal): Promise<Freeze[]> {
  const params = { path: { event } }
  return (await ask(api.GET('/events/{event}/freezes', { params, signal }))).items.map(freezeOf)
}

/** @returns how many registrations are in it */
export async function addFreeze(event: string): Promise<number> {
  return (await ask(api.POST('/events/{event}/freezes', { params: { path: { event } } }))).rows
}

/** Removes it for good. */
export async function removeFreeze(event: string, id: number): Promise<void> {
  await ask(api.DELETE('/events/{event}/freezes/{id}', { params: { path: { event, id } } }))
}

const freezeOf = ({
  freezeId,
  frozenAt,
  frozenBy,
  damaged,
  ...freeze
}: components['schemas']['ListedFreeze']): Freeze => ({
  ...{ id: freezeId, rows: freeze.rows, erased: freeze.erased, sha256: freeze.sha256 },
  at: instant(frozenAt),
  by: frozenBy,
  isDamaged: damaged,
})
