/** Numbers and words together. Pure. */

const GROUPED = new Intl.NumberFormat('en-US')

/** `12,480` */
export const number = (value: number): string => GROUPED.format(value)

/** `1 race`, `12 races`, `1,204 people` with `count(1204, 'person', 'people')`. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`

/** Columns as the tables name them, in words: `bib_number` → `Bib number`. */
export function label(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A value of a record for a person: nothing is said to be nothing. */
export function value(of: unknown): string {
  if (of === null || of === undefined || of === '') return '(none)'
  if (typeof of === 'boolean') return of ? 'yes' : 'no'
  if (Array.isArray(of)) return of.map(value).join(', ')
  if (typeof of !== 'object') return String(of)
  // Of a category its name says it all; of anything else that it is there.
  return 'name' in of && typeof of.name === 'string' ? of.name : '(more)'
}

/** `3 added, 1 changed`; `no change` when all are zero. */
export function summary(of: Readonly<Record<string, number>>): string {
  const parts = Object.entries(of).filter(([, how]) => how > 0)
  return parts.length === 0 ? 'no change' : parts.map(([what, how]) => `${number(how)} ${what}`).join(', ')
}
