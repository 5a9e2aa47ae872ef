/** One race: its counts, changes, checks and people. Pure; instants in ms. */
import type { RaceView, Trouble } from './board.ts'

/** How many of a category or a wave. */
export interface Group {
  name: string
  active: number
  /** cancelled, transferred, deferred */
  withdrawn: number
}

export interface RaceDetail extends RaceView {
  provider: string
  zone: string | null
  /** why the next check comes when it comes */
  why: string | null
  categories: readonly Group[]
  waves: readonly Group[]
  bibAuthority: 'provider' | 'local'
  troubles: readonly Trouble[]
}

/** One entry of the change feed. */
export interface Change {
  position: number
  kind: ChangeKind
  participantId: string
  person: string
  bib: string | null
  fields: readonly { field: string; from: unknown; to: unknown }[]
  at: number
}

export const CHANGE_KINDS = ['added', 'changed', 'cancelled', 'removed', 'restored', 'transferred'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** A named place in the feed: "bibs printed". */
export interface Mark {
  name: string
  at: number
  /** entries since */
  changes: number | null
}

/** A signed start list, as it was. */
export interface Freeze {
  id: string
  name: string | null
  at: number
  participants: number
  hash: string
}

/** What a check found. */
export interface Finding {
  id: string
  title: string
  /** what to do */
  hint: string | null
  people: readonly { participantId: string; name: string; bib: string | null; detail: string | null }[]
  /** of all, when not all are listed */
  total: number
  csv: string
}

/** A registration in a list. */
export interface Person {
  id: string
  bib: string | null
  providerBib: string | null
  localBib: string | null
  name: string
  sex: string | null
  age: number | null
  category: string | null
  wave: string | null
  status: string
}

/** Removals, or a foreign list, that wait for a person. */
export interface Hold {
  id: string
  title: string
  detail: string
  at: number
  removals: number | null
  race: string | null
}
