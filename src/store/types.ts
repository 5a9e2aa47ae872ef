import pg from 'pg'

const OID = {
  int8: 20,
  int8Array: 1016,
  date: 1082,
  dateArray: 1182,
  timestamp: 1114,
  timestampArray: 1115,
  timestamptz: 1184,
  timestamptzArray: 1185,
  textArray: 1009,
} as const

/** @throws RangeError for a number that JavaScript would round: wrong ids are worse than none. */
function int8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint beyond 2^53 cannot be read as a number')
  return value
}

/** `2026-05-02 11:00:00.123456+00` becomes `2026-05-02T11:00:00.123456Z`; infinity and BC stay as they are. */
function instant(text: string): string {
  return /^\d{4,}-/.test(text) && !text.endsWith('BC')
    ? text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z')
    : text
}

const textArray = pg.types.getTypeParser(OID.textArray as number, 'text') as (
  text: string,
) => (string | null)[]
const arrayOf =
  <T>(parse: (text: string) => T) =>
  (text: string): (T | null)[] =>
    textArray(text).map((item) => (item === null ? null : parse(item)))
const asIs = (text: string) => text

const parsers = new Map<number, (text: string) => unknown>([
  [OID.int8, int8],
  [OID.int8Array, arrayOf(int8)],
  [OID.date, asIs],
  [OID.dateArray, arrayOf(asIs)],
  [OID.timestamp, instant],
  [OID.timestampArray, arrayOf(instant)],
  [OID.timestamptz, instant],
  [OID.timestamptzArray, arrayOf(instant)],
])

/**
 * How values of a row reach JavaScript. Instants stay text, because a `Date` drops the microseconds that the
 * line of a poll needs (W5): timestamptz as `2026-05-02T11:00:00.123456Z` (sessions run in UTC), timestamp the
 * same without `Z`, date as `2026-05-02`. bigint is a number, numeric text, the rest as `pg` does it.
 */
export const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text'),
}
