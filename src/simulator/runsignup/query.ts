import type { Traits } from './traits.ts'

/** Whether a `T`/`F` parameter is true. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name) === 'T'
}

/** A whole number of the query; null when it is absent; NaN when it is no number. */
export function wholeNumber(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null) return null
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** Which part of a list is asked for: rows from `from` (inclusive) on, `size` of them. */
export interface Slice {
  from: number
  size: number
}

const DEFAULT_SIZE = 50

/** The part that `page` and `results_per_page` ask for; null when they make no sense or ask for too much. */
export function sliceOf(query: URLSearchParams, cap: number, mode: Traits['pageCapMode']): Slice | null {
  const page = wholeNumber(query, 'page') ?? 1
  const asked = wholeNumber(query, 'results_per_page') ?? Math.min(DEFAULT_SIZE, cap)
  if (!(page >= 1 && asked >= 1)) return null
  if (asked > cap && mode === 'reject') return null
  const size = Math.min(asked, cap)
  return { from: (page - 1) * size, size }
}
