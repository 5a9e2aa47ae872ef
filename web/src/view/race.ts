/** One race: its counts, changes, checks and people. Pure; instants in ms. */
import type { RaceView, Trouble } from './board.ts'
import type { Slot } from './strip.ts'

/** How many of a category or a wave. */
export interface Group {
  name: string
  active: number
  /** cancelled, transferred, deferred */
  withdrawn: number
}

export interface RaceDetail extends Omit<RaceView, 'events' | 'slots'> {
  partner: string
  /** how the list was kept over the last 6 h; null when the race is over */
  slots: readonly Slot[] | null
  /** null when no credential feeds it */
  accountId: number | null
  zone: string | null
  /** why the next check comes when it comes, or why not at all */
  why: string
  /** registrations that are gone */
  removed: number
  /** active ones without a bib */
  withoutBib: number
  categories: readonly Group[]
  waves: readonly Group[]
  bibAuthority: 'provider' | 'local'
  troubles: readonly Trouble[]
  /** removals and foreign lists that wait for a decision */
  holds: number
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

export const CHANGE_KINDS = [
  'added',
  'changed',
  'cancelled',
  'removed',
  'restored',
  'transferred',
  'deferred',
  'adopted',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** A named place in the feed: "bibs printed". */
export interface Mark {
  id: number
  name: string
  at: number
  /** entries of the list since */
  changes: number
  /** all of them can still be told */
  isKept: boolean
}

/** What a check of a start list found. */
export interface CheckReport {
  /** who race */
  people: number
  findings: readonly Finding[]
}

interface Finding {
  code: string
  /** `3 people have no sex.` */
  sentence: string
  /** the race cannot be timed right with it; else a person should look */
  isProblem: boolean
  count: number
  /** the first of them */
  people: readonly { registration: string; name: string; bib: string | null; note: string }[]
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
  id: number
  isRemoval: boolean
  title: string
  detail: string
  at: number
  /** registrations that it is about */
  absent: number
}
