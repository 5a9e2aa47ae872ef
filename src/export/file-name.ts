import { FORMATS, type FormatName } from './formats.ts'
import type { Contents } from './writer.ts'

/** A name for the file, of letters, digits and hyphens that every system takes. */
export function fileNameOf(format: FormatName, { state, which, after }: Contents): string {
  const parts = [
    plain(state.event.name).slice(0, 60) || plain(state.event.eventId) || 'event',
    format,
    ...(which === 'withdrawn' ? ['withdrawn'] : []),
    ...(after === null ? [] : ['since', String(after)]),
  ]
  return `${parts.join('-')}.${FORMATS[format].extension}`
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
}
