import type { Freeze } from '../view/race.ts'
import { api, ask, instant } from './client.ts'
import type { components, paths } from './schema.d.ts'

export type FormatName = paths['/events/{event}/exports/{format}']['get']['parameters']['path']['format']

/** Every format with the name of who reads it. */
export const FORMATS: Record<FormatName, string> = {
  raceresult: 'RACE RESULT',
  chronotrack: 'ChronoTrack Live',
  webscorer: 'Webscorer',
  mylaps: 'MYLAPS EventApp',
  copernico: 'Copernico',
  pikatimer: 'PikaTimer',
  generic: 'RunScore, Race Director and others',
  csv: 'Everything, as CSV',
  json: 'Everything, as JSON',
  xlsx: 'A spreadsheet (XLSX)',
}

/** Where a file is to be had. @param options.since a mark: only who changed after it */
export function exportHref(
  event: string,
  { format, since, withdrawn }: { format: FormatName; since: string; withdrawn: boolean },
): string {
  const query = new URLSearchParams()
  if (since !== '') query.set('since', since)
  if (withdrawn) query.set('withdrawn', 'true')
  return `${eventPath(event)}/exports/${format}${query.size === 0 ? '' : `?${query}`}`
}

/** Where a frozen list is to be had as a file. */
export const frozenHref = (event: string, freeze: number, format: FormatName): string =>
  `${eventPath(event)}/freezes/${freeze}/exports/${format}`

const eventPath = (event: string): string => `/v1/events/${encodeURIComponent(event)}`

export async function readFreezes(event: string, signal: AbortSignal): Promise<Freeze[]> {
  const params = { path: { event } }
  return (await ask(api.GET('/events/{event}/freezes', { params, signal }))).items.map(freezeOf)
}

export async function addFreeze(event: string): Promise<Freeze> {
  return freezeOf(await ask(api.POST('/events/{event}/freezes', { params: { path: { event } } })))
}

const freezeOf = ({
  freezeId,
  frozenAt,
  frozenBy,
  rows,
  sha256,
}: components['schemas']['Freeze']): Freeze => ({
  ...{ id: freezeId, rows, sha256 },
  at: instant(frozenAt),
  by: frozenBy,
})
