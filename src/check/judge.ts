import { type BibRange, isInRanges } from '../domain/bib.ts'
import { ageOn } from '../domain/person.ts'
import type { CheckedPerson } from '../store/checks/people.ts'
import type { FindingCode } from './codes.ts'

/** What a check thinks of one registration. Pure. */

/** What the event says, beside what its people do. */
export interface CheckedEvent {
  /** `YYYY-MM-DD` in the event's zone; null without a date. */
  raceDay: string | null
  /** Bibs that belong to the event; null for any. */
  ranges: readonly BibRange[] | null
}

/** A code, and what it is about in the words of the row: `age 126`. */
export interface Judgement {
  code: FindingCode
  note: string
}

const YOUNGEST = 1
const OLDEST = 105
/** An age may be as of the day of registration, up to a birthday ago. */
const MOST_APART = 1

/** Judges one registration. What a detail may still bring is not missing yet. */
export function judge(person: CheckedPerson, event: CheckedEvent): Judgement[] {
  if (!person.live) return [{ code: 'bib-of-cancelled', note: person.status }]
  return [
    ...judgeBib(person, event),
    ...judgeAge(person, event),
    ...(person.pending ? [{ code: 'details-pending', note: '' } as const] : judgeMissing(person)),
    ...(person.samePerson > 1
      ? [{ code: 'same-person', note: `${person.samePerson} entries` } as const]
      : []),
  ]
}

function judgeBib({ bib, chip, sameBib, sameChip }: CheckedPerson, { ranges }: CheckedEvent): Judgement[] {
  const found: Judgement[] = []
  if (sameBib > 1) found.push({ code: 'duplicate-bib', note: `${sameBib} people` })
  if (sameChip > 1) found.push({ code: 'duplicate-chip', note: `chip ${chip}, ${sameChip} people` })
  if (bib !== null && ranges !== null && !isInRanges(bib, ranges))
    found.push({ code: 'bib-out-of-range', note: '' })
  if (bib !== null && bib === chip) found.push({ code: 'chip-as-bib', note: '' })
  return found
}

function judgeMissing(person: CheckedPerson): Judgement[] {
  const { gender, dateOfBirth, listedAge, raceDayAge, category, bib } = person
  const missing: [boolean, FindingCode][] = [
    [isBlank(gender), 'missing-sex'],
    [dateOfBirth === null && listedAge === null && raceDayAge === null, 'missing-age'],
    [isBlank(category), 'missing-category'],
    [isBlank(bib), 'missing-bib'],
  ]
  return missing.filter(([is]) => is).map(([, code]) => ({ code, note: '' }))
}

function judgeAge(
  { dateOfBirth, listedAge, raceDayAge }: CheckedPerson,
  { raceDay }: CheckedEvent,
): Judgement[] {
  if (dateOfBirth !== null && raceDay !== null && dateOfBirth > raceDay)
    return [{ code: 'impossible-age', note: 'born after race day' }]
  const born = dateOfBirth === null || raceDay === null ? null : ageOn(dateOfBirth, raceDay)
  const age = born ?? raceDayAge ?? listedAge
  const found: Judgement[] = []
  if (age !== null && (age < YOUNGEST || age > OLDEST))
    found.push({ code: 'impossible-age', note: `age ${age}` })
  if (born !== null && listedAge !== null && Math.abs(born - listedAge) > MOST_APART)
    found.push({ code: 'age-contradiction', note: `listed ${listedAge}, by birth date ${born}` })
  return found
}

const isBlank = (text: string | null): boolean => text === null || text.trim() === ''
