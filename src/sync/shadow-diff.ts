import type { Db } from '../store/database.ts'
import {
  type ComparedEvent,
  comparedEvents,
  type Difference,
  differingEvent,
  differingRegistrations,
} from '../store/shadow/compare.ts'

/** What a difference between startlist and the legacy tables is, and why as far as that can be told. */
export interface Finding {
  kind: 'missing_here' | 'missing_there' | 'differs'
  /** null where a row is missing */
  field: string | null
  /** null where nothing is known that explains it: look at the provider */
  why: string | null
}

/** The older system ended a list at its first page of this many (its page was shorter than it had asked for). */
const OLD_PAGE = 25
const BIBS = new Set(['bib_number', 'bib_num'])
const STARTS = new Set(['start_date', 'end_date', 'start_time', 'end_time'])
/** What the older system's backfill did not write. */
const SKIPPED = new Set(
  [
    'email',
    'phone',
    'date_of_birth',
    'gender',
    'nationality',
    'emergency_contact',
    'team_affiliation',
  ].concat(
    ...[['category', 'payment_status', 'amount_paid', 'dob', 'age', 'address', 'middle_name', 'location']],
  ),
)

/** Names each thing that differs in a row, and the known defect of the older system that makes it differ. Pure. */
function explain(difference: Difference, event: Pick<ComparedEvent, 'there'>): Finding[] {
  const { here, there, facts } = difference
  if (there === null) return [{ kind: 'missing_there', field: null, why: whyMissingThere(difference, event) }]
  if (here === null) return [{ kind: 'missing_here', field: null, why: whyMissingHere(difference) }]
  const findings: Finding[] = Object.keys(here)
    .filter((field) => here[field] !== there[field])
    .map((field) => ({ kind: 'differs', field, why: whyDiffers(field, difference, here, there) }))
  if (difference.key !== null && facts.status !== null && facts.status !== 'active')
    findings.push({
      kind: 'differs',
      field: 'registration_status',
      why: `the older system stores no status: ${facts.status} at the provider`,
    })
  return findings
}

function whyMissingThere({ key, facts }: Difference, { there }: Pick<ComparedEvent, 'there'>): string | null {
  if (key === null) return 'the older system keeps an event for the first partner that has it'
  if (facts.isElsewhere) return 'there it is in the event that it left, in another of this race'
  if (facts.isNewer) return 'registered after the scripts last read the event'
  if (there === OLD_PAGE) return `the older system ends a list after ${OLD_PAGE}`
  if (there === 0) return 'the scripts have loaded nobody of the event'
  return null
}

function whyMissingHere({ facts }: Difference): string | null {
  if (facts.isRemoved) return 'removed at the provider, which the older system does not notice'
  if (facts.isElsewhere)
    return 'it went over to another event of the race, which the older system does not notice'
  if (!facts.isMet) return 'the provider does not list it; see startlist holds'
  return null
}

type Row = Record<string, string | null>

function whyDiffers(field: string, { facts }: Difference, here: Row, there: Row): string | null {
  const [mine, theirs] = [here[field] ?? null, there[field] ?? null]
  if (BIBS.has(field) && theirs !== null && theirs === facts.chip)
    return 'the older system takes the chip for the bib where there is none'
  if (BIBS.has(field) && theirs === null) return 'the older system overwrites a bib with an empty one'
  if (field === 'category' && theirs !== null && facts.categories.includes(theirs))
    return 'the older system keeps one of several categories'
  if (field === 'age' && theirs === null) return 'the older system reads the age where the provider has none'
  if (field === 'distance') return 'the older system reads the distance off the name, halves as wholes'
  if (STARTS.has(field) && theirs === null) return 'the older system cannot read the form of the date'
  if (facts.isNewer) return 'changed at the provider after the scripts last fetched it'
  if (SKIPPED.has(field) && theirs === null && mine !== null)
    return "the older system's backfill does not store it"
  return null
}

/** A difference with what it is. */
export interface Explained {
  difference: Difference
  findings: Finding[]
}

const BATCH = 500

/**
 * Compares what startlist stored in the shadow with the legacy tables, event by event; nothing is held in memory but a
 * batch. Events that no finished sweep has proven are left out.
 */
export async function* shadowDifferences(
  db: Db,
  eventId?: string,
): AsyncGenerator<{ event: ComparedEvent; rows: AsyncGenerator<Explained> }> {
  for (const event of await comparedEvents(db, eventId)) yield { event, rows: rowsOf(db, event) }
}

async function* rowsOf(db: Db, event: ComparedEvent): AsyncGenerator<Explained> {
  const own = await differingEvent(db, event)
  if (own !== null) yield { difference: own, findings: explain(own, event) }
  for (let after = ''; ; ) {
    const batch = await differingRegistrations(db, event, after, BATCH)
    for (const difference of batch) yield { difference, findings: explain(difference, event) }
    if (batch.length < BATCH) return
    after = batch.at(-1)!.key!
  }
}
