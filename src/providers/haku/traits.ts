import type { Json, JsonObject } from '../../domain/json.ts'
import { isObject } from '../records.ts'

/**
 * What is learnt of one Haku account, from content and never from a guess (F1). Pure. Instants in ms since the epoch.
 * Rule numbers are those of docs/engine.md.
 */

export type HeaderForm = 'bare' | 'bearer'
/** Which list is read: whole records of `/registrations`, or the rows of `/participants` with a detail call each. */
export type ListName = 'registrations' | 'participants'

/** What a comparison of both lists showed. */
export interface Evidence {
  verdict: Verdict
  at: number
  eventId: string
  /** rows on the participants page, and of these the cancelled ones */
  rows: number
  cancelled: number
}

/** Plain JSON, kept with the account. Null stands for "not learnt". */
export interface HakuTraits {
  headerForm: HeaderForm | null
  list: ListName | null
  /** stepped down to by 422 answers (W3) */
  askPageSize: number | null
  evidence: Evidence | null
  learntAt: number | null
  /** 404 or 405 of the registrations list beside a good call, in a row */
  missing: number
  /** no probe before this: the last one taught nothing, and not for want of bibs */
  notBefore: number | null
}

/**
 * - `whole`: the same registrations, with what the detail would tell
 * - `thin`: rows without what the detail would tell
 * - `partial`: whole records, but the cancelled people are missing
 * - `missing`: 404 or 405, twice
 * - `blank`: nobody on the page has a bib or a birth date yet, so nothing can be told
 * - `different`: other registrations; drift, another order, another page size
 */
export type Verdict = 'whole' | 'thin' | 'partial' | 'missing' | 'blank' | 'different'

const HOUR_MS = 3_600_000
/** Knowledge is tried again weekly; a whole list that has not yet shown a cancelled person daily. */
const RELEARN_MS = 7 * 24 * HOUR_MS
const RELEARN_UNPROVEN_MS = 24 * HOUR_MS
/**
 * Between two calls a second apart a few rows move; one may always, however short the page. More than one in ten is
 * another list, or a moment too busy to learn from.
 */
const DRIFT_SHARE = 0.1

/** Reads stored traits; whatever is unreadable counts as not learnt. */
export function readTraits(stored: JsonObject): HakuTraits {
  const { headerForm, list, askPageSize, evidence, learntAt, missing, notBefore } = stored
  return {
    headerForm: headerForm === 'bare' || headerForm === 'bearer' ? headerForm : null,
    list: list === 'registrations' || list === 'participants' ? list : null,
    askPageSize: positive(askPageSize),
    evidence: isObject(evidence) ? (evidence as unknown as Evidence) : null,
    learntAt: positive(learntAt),
    missing: positive(missing) ?? 0,
    notBefore: positive(notBefore),
  }
}

/** Whether a sweep should spend a call on comparing both lists (F1). */
export function probeDue(traits: HakuTraits, now: number): boolean {
  if (traits.notBefore !== null && now < traits.notBefore) return false
  if (traits.list === null || traits.learntAt === null) return true
  const proven = traits.list === 'participants' || (traits.evidence?.cancelled ?? 0) > 0
  return now >= traits.learntAt + (proven ? RELEARN_MS : RELEARN_UNPROVEN_MS)
}

/** Compares the same page of both lists. `participants` must not be empty: an empty event teaches nothing. */
export function judge(participants: readonly Json[], registrations: readonly Json[]): Verdict {
  if (registrations.length === 0) return 'different'
  if (isThin(registrations)) return 'thin'
  const there = new Set(keysOf(registrations))
  const isGone = (key: string): boolean => !there.has(key)
  const cancelled = keysOf(participants.filter(isCancelled))
  const others = keysOf(participants.filter((record) => !isCancelled(record)))
  if (others.filter(isGone).length > Math.max(1, Math.floor(participants.length * DRIFT_SHARE)))
    return 'different'
  if (cancelled.some(isGone)) {
    // A list that hides the cancelled would make each of them look removed. One alone may have moved by drift, and
    // where only some are gone it was drift.
    return cancelled.length > 1 && cancelled.every(isGone) ? 'partial' : 'different'
  }
  return registrations.some(tellsDetail) ? 'whole' : 'blank'
}

/** At least half of the rows lack the parts in which a whole record has bib and birth date; broken rows happen. */
export function isThin(records: readonly Json[]): boolean {
  const rows = records.filter(isObject)
  return rows.length > 0 && rows.filter((row) => !hasDetailParts(row)).length * 2 >= rows.length
}

/** What the traits become by a verdict. */
export function learn(traits: HakuTraits, verdict: Verdict, seen: Omit<Evidence, 'verdict'>): HakuTraits {
  const evidence: Evidence = { verdict, ...seen }
  const learnt = { ...traits, evidence, learntAt: seen.at, missing: 0, notBefore: null }
  switch (verdict) {
    case 'whole':
      return { ...learnt, list: 'registrations' }
    case 'thin':
    case 'partial':
      return { ...learnt, list: 'participants' }
    case 'missing':
      // Once may be a hiccup of that moment; twice beside a good call is the provider's word.
      return traits.missing === 0
        ? { ...traits, missing: 1 }
        : { ...learnt, missing: 2, list: 'participants' }
    case 'blank':
      return traits
    case 'different':
      return postponed(traits, seen.at)
  }
}

/** A probe that failed or differed is not repeated with the very next event. */
export function postponed(traits: HakuTraits, now: number): HakuTraits {
  return { ...traits, notBefore: now + HOUR_MS }
}

/** The registrations list contradicted what was learnt of it: all of that is forgotten (F1). */
export function forgotten(traits: HakuTraits): HakuTraits {
  return { ...traits, list: null, learntAt: null, evidence: null, missing: 0, notBefore: null }
}

/** What the comparison saw, for the evidence. */
export function evidenceOf(
  participants: readonly Json[],
  eventId: string,
  at: number,
): Omit<Evidence, 'verdict'> {
  return { at, eventId, rows: participants.length, cancelled: participants.filter(isCancelled).length }
}

/** Traits as the account keeps them. */
export function traitsJson(traits: HakuTraits): JsonObject {
  return { ...traits, evidence: traits.evidence && { ...traits.evidence } }
}

/** A record has the parts, filled or not. */
function hasDetailParts(row: JsonObject): boolean {
  const { participant, event_categories: categories } = row
  return (
    (isObject(participant) && 'dob' in participant) ||
    (Array.isArray(categories) &&
      categories.some((category) => isObject(category) && 'tag_number' in category))
  )
}

/** A record has a birth date or a bib. */
function tellsDetail(record: Json): boolean {
  if (!isObject(record)) return false
  const { participant, event_categories: categories } = record
  return (
    (isObject(participant) && isFilled(participant.dob)) ||
    (Array.isArray(categories) &&
      categories.some((category) => isObject(category) && isFilled(category.tag_number)))
  )
}

function isCancelled(record: Json): boolean {
  return isObject(record) && (record.is_cancelled === true || record.is_cancelled === 'true')
}

function keysOf(records: readonly Json[]): string[] {
  const keys = records.filter(isObject).map((record) => record.registration_number)
  return keys.filter((key) => isFilled(key) && typeof key !== 'object').map(String)
}

const isFilled = (value: Json | undefined): value is Json =>
  value !== undefined && value !== null && value !== ''

const positive = (value: Json | undefined): number | null =>
  typeof value === 'number' && value > 0 ? value : null
