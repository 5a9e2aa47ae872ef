/** What a check of a start list can find. Codes are API: add, never rename. */

/** `problem`: the race cannot be timed right with it. `warning`: a person should look. */
export type Severity = 'problem' | 'warning'

interface Kind {
  severity: Severity
  /** What is the matter, after the number of people. */
  one: string
  many: string
}

const problem = (one: string, many: string): Kind => ({ severity: 'problem', one, many })
const warning = (one: string, many: string): Kind => ({ severity: 'warning', one, many })

export const FINDINGS = {
  'duplicate-bib': problem('has a bib that another has as well', 'have a bib that another has as well'),
  'duplicate-chip': problem('has a chip that another has as well', 'have a chip that another has as well'),
  'bib-out-of-range': problem(
    "has a bib outside of the event's range",
    "have a bib outside of the event's range",
  ),
  'missing-sex': problem('has no sex', 'have no sex'),
  'missing-age': problem('has neither birth date nor age', 'have neither birth date nor age'),
  'impossible-age': problem('has an age that cannot be', 'have an age that cannot be'),
  'missing-category': problem('has no category', 'have no category'),
  'chip-as-bib': warning('has the number of the chip as bib', 'have the number of their chip as bib'),
  'age-contradiction': warning(
    'has an age that the birth date does not give on race day',
    'have an age that their birth date does not give on race day',
  ),
  'same-person': warning(
    'has the name and birth date of another entry',
    'have the name and birth date of another entry',
  ),
  'bib-of-cancelled': warning(
    'is cancelled and holds a bib that another races with',
    'are cancelled and hold a bib that another races with',
  ),
  'missing-bib': warning('has no bib', 'have no bib'),
  'details-pending': warning(
    'has details that are still to be read',
    'have details that are still to be read',
  ),
} as const satisfies Record<string, Kind>

export type FindingCode = keyof typeof FINDINGS

/** Problems first. */
export const FINDING_CODES = Object.keys(FINDINGS) as FindingCode[]

/** A text as a code; undefined when there is no such finding. */
export const findingCode = (text: string): FindingCode | undefined =>
  FINDING_CODES.find((code) => code === text)

/** A finding as a sentence: `3 people have no sex.` */
export function sentenceOf(code: FindingCode, count: number): string {
  const { one, many } = FINDINGS[code]
  return count === 1 ? `1 person ${one}.` : `${count} people ${many}.`
}
