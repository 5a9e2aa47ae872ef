import { readBibRanges } from '../domain/bib.ts'
import type { BibList } from '../store/bibs/lists.ts'
import { type CheckedPerson, streamCheckedPeople } from '../store/checks/people.ts'
import type { Trx } from '../store/database.ts'
import { FINDING_CODES, FINDINGS, type FindingCode, type Severity, sentenceOf } from './codes.ts'
import { type CheckedEvent, judge } from './judge.ts'

/** A start list, checked before a race. No call. */

/** Somebody whom a finding is about. */
export interface FoundPerson {
  /** Registration number. */
  registration: string
  name: string
  bib: string | null
  /** The event of the registration. */
  eventId: string
  /** What it is about in the words of the row: `age 126`. */
  note: string
  /** Path of the row in the HTTP API. */
  link: string
}

/** One thing that is the matter, and with whom. */
export interface CheckFinding {
  code: FindingCode
  severity: Severity
  sentence: string
  count: number
  /** The first of them, by bib. */
  people: FoundPerson[]
}

/** What a check of one timing partner's list came to. */
export interface CheckReport {
  /** People who race. */
  people: number
  /** Problems first; nothing that nobody has. */
  findings: CheckFinding[]
}

/**
 * Checks a list in one pass over one snapshot.
 * @param most people named of each finding; {@link streamFinding} has them all
 */
export async function checkList(trx: Trx, list: BibList, most: number): Promise<CheckReport> {
  const found = new Map<FindingCode, { count: number; people: FoundPerson[] }>()
  let people = 0
  for await (const batch of judged(trx, list)) {
    for (const { person, code, note } of batch.findings) {
      const entry = found.get(code) ?? { count: 0, people: [] }
      found.set(code, entry)
      entry.count++
      if (entry.people.length < most) entry.people.push(foundPerson(list, person, note))
    }
    people += batch.people
  }
  const findings = FINDING_CODES.flatMap((code): CheckFinding[] => {
    const entry = found.get(code)
    if (entry === undefined) return []
    return [{ code, severity: FINDINGS[code].severity, sentence: sentenceOf(code, entry.count), ...entry }]
  })
  return { people, findings }
}

/** Everybody of one finding, batch by batch. */
export async function* streamFinding(
  trx: Trx,
  list: BibList,
  code: FindingCode,
): AsyncGenerator<FoundPerson[]> {
  for await (const { findings } of judged(trx, list)) {
    const batch = findings.filter((one) => one.code === code)
    if (batch.length > 0) yield batch.map(({ person, note }) => foundPerson(list, person, note))
  }
}

/** Heads of {@link foundCells}. */
export const FOUND_HEADS = ['registration', 'name', 'bib', 'note', 'event', 'partner_id', 'link'] as const

/** Somebody whom a finding is about, as cells of a file. */
export const foundCells = ({ partnerId }: BibList, person: FoundPerson): unknown[] => [
  ...[person.registration, person.name, person.bib, person.note, person.eventId, partnerId, person.link],
]

interface JudgedBatch {
  people: number
  findings: { person: CheckedPerson; code: FindingCode; note: string }[]
}

async function* judged(trx: Trx, list: BibList): AsyncGenerator<JudgedBatch> {
  const events = new Map(
    list.events.map(({ eventId, raceDay, bibRanges }): [string, CheckedEvent] => [
      eventId,
      { raceDay, ranges: bibRanges === null ? null : readBibRanges(bibRanges) },
    ]),
  )
  for await (const batch of streamCheckedPeople(trx, list)) {
    const findings = batch.flatMap((person) =>
      judge(person, events.get(person.eventId) ?? UNKNOWN).map((judgement) => ({ person, ...judgement })),
    )
    yield { people: batch.filter(({ live }) => live).length, findings }
  }
}

const UNKNOWN: CheckedEvent = { raceDay: null, ranges: null }

function foundPerson({ provider, partnerId }: BibList, person: CheckedPerson, note: string): FoundPerson {
  const { key, eventId, firstName, lastName, bib } = person
  const event = encodeURIComponent(`${provider}:${partnerId}:${eventId}`)
  return {
    registration: key,
    name: [firstName, lastName].filter((part) => part !== null).join(' '),
    ...{ bib, eventId, note },
    link: `/v1/events/${event}/participants/${encodeURIComponent(key)}`,
  }
}
