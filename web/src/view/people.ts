/** Registrations in words. Pure. */
import type { Person } from './race.ts'

/** What has become of a registration. */
export const STATUS_TEXTS: Readonly<Record<string, string>> = {
  active: 'Active',
  cancelled: 'Cancelled',
  removed: 'Removed',
  transferred: 'Transferred',
  deferred: 'Deferred',
}

/** `F, 34`; empty when neither is known. */
export const sexAndAge = ({ sex, age }: Pick<Person, 'sex' | 'age'>): string =>
  [sex, age].filter((each) => each !== null).join(', ')

/** All that a phone has no columns for, in one line. */
export const detailsLine = (person: Person): string =>
  [sexAndAge(person), person.category, person.wave].filter(Boolean).join(' · ')
