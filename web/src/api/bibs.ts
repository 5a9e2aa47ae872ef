import type { BibAuthority, BibConflict, BibPlan } from '../view/bibs.ts'
import type { Page, PageOf } from '../view/pages.ts'
import { api, ask } from './client.ts'
import type { components } from './schema.d.ts'

/**
 * Gives the bibs of a file, all of them or none, or says what would become of each line.
 * @param bytes as they are in the file: it may be UTF-16
 */
export async function giveBibs(
  event: string,
  bytes: ArrayBuffer,
  { preview, allowDuplicates }: { preview: boolean; allowDuplicates: boolean },
): Promise<BibPlan> {
  const params = { path: { event }, query: { preview, allowDuplicates } }
  // The types know of text alone.
  const body = { body: '', bodySerializer: () => bytes, headers: { 'Content-Type': 'text/csv' } }
  const { blocked, ...plan } = await ask(api.POST('/events/{event}/bibs', { params, ...body }))
  return { ...plan, isBlocked: blocked }
}

/** Says whose bib counts. @returns how many people have another bib now */
export async function setBibAuthority(event: string, bibAuthority: BibAuthority): Promise<number> {
  const params = { path: { event } }
  return (await ask(api.PUT('/events/{event}/bib-authority', { params, body: { bibAuthority } }))).changed
}

/** What is at odds in a race's bibs, by bib. */
export async function readBibConflicts(
  event: string,
  pageOf: PageOf,
  signal: AbortSignal,
): Promise<Page<BibConflict>> {
  const params = { path: { event }, query: pageOf }
  const page = await ask(api.GET('/events/{event}/bib-conflicts', { params, signal }))
  return { items: page.items.map(conflictOf), next: page.next }
}

const conflictOf = ({ live, status: _, ...conflict }: components['schemas']['BibConflict']): BibConflict => ({
  ...conflict,
  isGone: !live,
})
