import { StartlistError } from './errors.ts'

/**
 * How often an event is polled, by the time to its start. Pure; every length is in milliseconds. When the rows apply
 * to one event is the schedule's to say (schedule.ts).
 */
export interface Cadence {
  /** between polls far from the start */
  far: number
  /** From `within` before the start on, a poll every `every`. Widest first; the last holds until polling stops. */
  rows: readonly { within: number; every: number }[]
  /** after the start: polling stops */
  stop: number
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** Every 4 h; every 15 min from 24 h before the start; every minute from 4 h before until 1 h after it. */
export const DEFAULT_CADENCE: Cadence = {
  far: 4 * HOUR,
  rows: [
    { within: DAY, every: 15 * MINUTE },
    { within: 4 * HOUR, every: MINUTE },
  ],
  stop: HOUR,
}

/** Too much demand stretches intervals to a day at most (P3): a longer one would be shortened by a lack of quota. */
const LONGEST_INTERVAL = DAY
const WIDEST_ROW = 365 * DAY
const LATEST_STOP = 7 * DAY

const FORM =
  'Give "4h, 24h: 15m, 4h: 1m, stop: 1h": far from the start, from 24 h and 4 h before it, and when to stop.'

/**
 * Reads a cadence as {@link cadenceText} writes it: first the interval far from the start, then in any order
 * `TIME-TO-START: INTERVAL` for each row and `stop: TIME-AFTER-START` (1 h when left out). Lengths are whole numbers with
 * a unit: `s`, `m`, `h` or `d`.
 * @param floorMs shortest interval that makes sense at the provider, ms
 * @throws StartlistError `BAD_INPUT`, naming the part that is wrong
 */
export function readCadence(text: string, floorMs: number): Cadence {
  const [first = '', ...others] = text.split(',').map((part) => part.trim())
  if (first === '') throw bad('a cadence begins with the interval far from the start')
  const far = readInterval(first, floorMs)
  const rows: { within: number; every: number }[] = []
  let stop: number | null = null
  for (const part of others) {
    const [key = '', value, ...more] = part.split(':').map((side) => side.trim())
    if (value === undefined || more.length > 0) throw bad(`"${part}" is no "TIME-TO-START: INTERVAL"`)
    if (key === 'stop') {
      if (stop !== null) throw bad('"stop" is given twice')
      stop = readStop(value)
    } else {
      const row = { within: readWithin(key), every: readInterval(value, floorMs) }
      if (rows.some(({ within }) => within === row.within))
        throw bad(`${key} before the start is given twice`)
      rows.push(row)
    }
  }
  rows.sort((a, b) => b.within - a.within)
  requireQuickening(far, rows)
  return { far, rows, stop: stop ?? DEFAULT_CADENCE.stop }
}

/** The cadence in the form that {@link readCadence} reads: `4h, 24h: 15m, 4h: 1m, stop: 1h`. Whole seconds only. */
export function cadenceText({ far, rows, stop }: Cadence): string {
  const parts = rows.map(({ within, every }) => `${lengthText(within)}: ${lengthText(every)}`)
  return [lengthText(far), ...parts, `stop: ${lengthText(stop)}`].join(', ')
}

/**
 * The cadence of a stored text; the default where there is none, and where the text was written past
 * {@link readCadence} and cannot be read: an event that is polled by default is better than one that is not polled.
 */
export function storedCadence(text: string | null): Cadence {
  if (text === null) return DEFAULT_CADENCE
  try {
    // Accepted when it was set: a floor that has risen since is no reason to drop a person's word.
    return readCadence(text, SECOND)
  } catch {
    return DEFAULT_CADENCE
  }
}

function readInterval(text: string, floorMs: number): number {
  const every = readLength(text)
  if (every === null) throw bad(`"${text}" is no interval such as 15m`)
  if (every < floorMs) throw bad(`an interval of ${text} is too short: the least is ${lengthText(floorMs)}`)
  if (every > LONGEST_INTERVAL)
    throw bad(`an interval of ${text} is too long: the most is ${lengthText(LONGEST_INTERVAL)}`)
  return every
}

function readWithin(key: string): number {
  const within = readLength(key)
  if (within === null) throw bad(`"${key}" is neither a time to the start nor "stop"`)
  if (within === 0 || within > WIDEST_ROW)
    throw bad(`${key} before the start is not between 1s and ${lengthText(WIDEST_ROW)}`)
  return within
}

function readStop(text: string): number {
  const stop = readLength(text)
  if (stop === null) throw bad(`"stop: ${text}" is no time after the start`)
  if (stop > LATEST_STOP) throw bad(`"stop: ${text}" is too late: the most is ${lengthText(LATEST_STOP)}`)
  return stop
}

/** Intervals that grow towards the start are two numbers swapped, not a wish. */
function requireQuickening(far: number, rows: Cadence['rows']): void {
  let wider = far
  for (const { within, every } of rows) {
    if (every > wider) {
      throw bad(
        `from ${lengthText(within)} before the start every ${lengthText(every)} is slower than every ${lengthText(wider)} before`,
      )
    }
    wider = every
  }
}

/** ms, or null when the text is no length. */
function readLength(text: string): number | null {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  return digits === undefined || unit === undefined ? null : Number(digits) * (UNITS[unit] ?? Number.NaN)
}

/** In the largest unit that leaves no rest; a single day is said in hours, as people say "24 h before". */
function lengthText(ms: number): string {
  if (ms >= 2 * DAY && ms % DAY === 0) return `${ms / DAY}d`
  if (ms >= HOUR && ms % HOUR === 0) return `${ms / HOUR}h`
  if (ms >= MINUTE && ms % MINUTE === 0) return `${ms / MINUTE}m`
  return `${ms / SECOND}s`
}

const bad = (message: string) => new StartlistError('BAD_INPUT', message, { hint: FORM })
