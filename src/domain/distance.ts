const KM_PER_MILE = 1.609344

/** A number with a unit. The unit may not go on as a word: `5 kids` is no distance. */
const MEASURE =
  /(\d{1,3}(?:,\d{3})+|\d+(?:[.,]\d+)?|\.\d+)[\s-]*(k|kms?|kilo(?:met(?:er|re))?s?|mi|miles?|milers?|m|mtrs?|met(?:er|re)s?|yd|yds|yards?)(?![a-z])/g

/** Longer ones first: "Half Marathon" is 13.1, never 26.2. Some names say no length. */
const MARATHON = /(half|1\/2|½|quarter|1\/4|¼|3\/4|¾|ultra|mini)?[\s-]*marathon/g

const MARATHONS: Record<string, number | null> = {
  half: 13.1,
  '1/2': 13.1,
  '½': 13.1,
  quarter: 6.6,
  '1/4': 6.6,
  '¼': 6.6,
  '3/4': null,
  '¾': null,
  ultra: null,
  mini: null,
}

/**
 * The length of a race in miles: `"Half Marathon"` 13.1, `"Marathon"` 26.2, `"15K"` 9.3, `"3.2 Miles"` 3.2. A bare
 * number is miles. Lengths in other units are rounded to a tenth of a mile (below one mile to a hundredth).
 * A bare `m` is metres from 400 up; below that nobody can tell it from miles ("100m" is an ultra).
 * @returns null when it cannot be told, also when the text names several distances ("5K/10K")
 */
export function distanceMiles(value: unknown): number | null {
  if (typeof value === 'number') return plausible(value)
  if (typeof value !== 'string' || value.length > 200) return null
  const text = value.trim().toLowerCase()
  if (/^(\d+(\.\d+)?|\.\d+)$/.test(text)) return plausible(Number(text))
  const found: (number | null)[] = []
  for (const [, kind] of text.matchAll(MARATHON)) found.push(kind === undefined ? 26.2 : MARATHONS[kind]!)
  for (const [, number, unit] of text.matchAll(MEASURE)) found.push(inMiles(toNumber(number!), unit!))
  const known = found.filter((miles) => miles !== null)
  const first = known[0]
  if (first === undefined) return null
  // "Half Marathon (21.1 km)" says one distance twice.
  return known.every((miles) => Math.abs(miles - first) <= 0.03 * first) ? plausible(first) : null
}

function toNumber(text: string): number {
  return Number(/^\d{1,3}(,\d{3})+$/.test(text) ? text.replaceAll(',', '') : text.replace(',', '.'))
}

function inMiles(value: number, unit: string): number | null {
  if (unit.startsWith('mi')) return value
  if (unit.startsWith('k')) return rounded(value / KM_PER_MILE)
  if (unit.startsWith('y')) return rounded(value / 1760)
  if (unit === 'm' && value < 400) return null
  return rounded(value / 1000 / KM_PER_MILE)
}

function rounded(miles: number): number {
  const digits = miles < 1 ? 100 : 10
  return Math.round(miles * digits) / digits
}

/** More than 1000 is not miles but metres without their unit, or nonsense. */
function plausible(miles: number): number | null {
  const cut = Math.round(miles * 100) / 100
  return cut > 0 && cut <= 1000 ? cut : null
}
