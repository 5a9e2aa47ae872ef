import type { Json, JsonObject } from '../domain/json.ts'
import { type Answer, refuse } from './answer.ts'
import type { Traits } from './traits.ts'

/** A list before it is cut: how many rows there are, and how to write some of them. */
export interface Listing {
  /** the name the list has of its own */
  name: 'events' | 'participants' | 'registrations'
  total: number
  rows: (from: number, to: number) => JsonObject[]
}

/** A positive whole number of the query, else the fallback. */
function positive(text: string | null, fallback: number): number {
  const value = Number(text ?? Number.NaN)
  return Number.isInteger(value) && value > 0 ? value : fallback
}

function envelope(
  traits: Traits,
  listing: Listing,
  rows: Json[],
  total: number,
  page: number,
  size: number,
): Json {
  const bare = traits.envelope === 'bare'
  if (bare && traits.totals === 'none') return rows
  const key = bare || traits.envelope === 'own' ? listing.name : traits.envelope
  const counted = { total, page, per_page: size }
  switch (traits.totals) {
    case 'none':
      return { [key]: rows }
    case 'root':
      return { [key]: rows, total }
    case 'meta':
      return { [key]: rows, meta: counted }
    case 'pagination':
      return { [key]: rows, pagination: counted }
  }
}

/** One page of a list, as the traits have it (Haku API notes 1.3 and 1.5). */
export function answerPage(traits: Traits, query: URLSearchParams, listing: Listing): Answer {
  const asked = positive(query.get('per_page'), traits.pageDefault)
  if (asked > traits.pageCap && traits.pageCapMode === 'reject')
    return refuse(422, `per_page must be less than or equal to ${traits.pageCap}`)
  const size = Math.min(asked, traits.pageCap)
  const last = Math.max(1, Math.ceil(listing.total / size))
  const wanted = positive(query.get('page'), 1)
  const page = traits.pastEnd === 'clamp' ? Math.min(wanted, last) : wanted
  const from = Math.min((page - 1) * size, listing.total)
  const rows: Json[] = listing.rows(from, Math.min(from + size, listing.total))
  const total = listing.total + traits.totalError
  return {
    status: 200,
    headers: {},
    rows,
    wrap: (shown) => envelope(traits, listing, shown, total, page, size),
    list: true,
  }
}
