import type { Temporal } from 'temporal-polyfill'
import type { Cadence } from './cadence.ts'
import {
  ASSUMED_START,
  type EventTimes,
  firstDayOf,
  instantOf,
  LAST_START,
  lastDayOf,
  latestReading,
  type Zones,
  zonesOf,
} from './event-days.ts'

export type { EventTimes } from './event-days.ts'

/**
 * When an event is polled, and how often: its cadence laid on the time line (P1, P5). Pure. Instants are ms since the
 * epoch; a window before a start is elapsed time, so a DST night neither lengthens nor shortens it (T3).
 */

/** From `from` (inclusive) to `to` (exclusive) a poll every `every` ms. */
export interface Phase {
  from: number
  to: number
  every: number
}

const FLAGS = ['undated', 'day_only', 'assumed_zone', 'many_days'] as const
/** What a schedule had to suppose. */
export type ScheduleFlag = (typeof FLAGS)[number]

export interface Schedule {
  /** Contiguous: the first begins at -Infinity, the last ends at `overAt`, or at Infinity. */
  phases: readonly Phase[]
  /** Polling stops here; null never. */
  overAt: number | null
  /** The instant that counts as the start, for urgency and countdown; null without a date. */
  start: number | null
  flags: readonly ScheduleFlag[]
}

/**
 * Longer events are not raced every day: they are virtual challenges, open for weeks, and a minute's interval on each
 * of their days would take an eighth of a quota of 500 for nothing. Only their first and last days count in full.
 */
const MOST_FULL_DAYS = 10

/** Lays a cadence on an event's times: one start, or one for each of its days (P5). */
export function scheduleOf(times: EventTimes, cadence: Cadence): Schedule {
  const zones = zonesOf(times.timezone)
  const firstDay = firstDayOf(times, zones)
  if (firstDay === null) return undated(cadence)
  const first =
    times.startsAt === null
      ? daySchedule(firstDay, zones, cadence)
      : timedSchedule(times.startsAt, times.assumed, cadence)
  const span = firstDay.until(lastDayOf(times, zones) ?? firstDay).days
  if (span <= 0) return first
  const onDay = (day: number) => daySchedule(firstDay.add({ days: day }), zones, cadence)
  if (span < MOST_FULL_DAYS) {
    const days = Array.from({ length: span }, (_, i) => onDay(i + 1))
    return { ...shortest([first, ...days]), flags: first.flags }
  }
  const last = onDay(span)
  const whole = shortest([first, between(first, last, cadence), last])
  return { ...whole, flags: [...first.flags, 'many_days'] }
}

function undated({ far }: Cadence): Schedule {
  const always = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, every: far }
  return { phases: [always], overAt: null, start: null, flags: ['undated'] }
}

/** One start, known or between its readings in New York and Honolulu. */
function timedSchedule(start: number, assumed: boolean, cadence: Cadence): Schedule {
  const latest = assumed ? latestReading(start) : start
  const overAt = latest + cadence.stop
  return schedule(
    cadence,
    { start, phases: [{ to: overAt, every: nearest(cadence) }] },
    assumed ? ['assumed_zone'] : [],
  )
}

/** A day on which nobody knows the hour: its morning counts in full, its afternoon by the row before the last (P5). */
function daySchedule(day: Temporal.PlainDate, { earliest, latest }: Zones, cadence: Cadence): Schedule {
  const start = instantOf(day, ASSUMED_START, earliest)
  const morning = instantOf(day, LAST_START, latest)
  const midnight = instantOf(day.add({ days: 1 }), '00:00', latest)
  const phases = [
    { to: morning, every: nearest(cadence) },
    { to: Math.max(midnight, start + cadence.stop), every: nextToNearest(cadence) },
  ]
  return schedule(
    cadence,
    { start, phases },
    earliest === latest ? ['day_only'] : ['day_only', 'assumed_zone'],
  )
}

/** What lies between the first and the last day of a long event. */
function between(first: Schedule, last: Schedule, cadence: Cadence): Schedule {
  const from = first.start ?? Number.NEGATIVE_INFINITY
  const to = last.start ?? from
  const phases = [
    { from: Number.NEGATIVE_INFINITY, to: from, every: cadence.far },
    { from, to, every: nextToNearest(cadence) },
  ]
  return { phases, overAt: to, start: first.start, flags: [] }
}

/** The rows before a start, and then the given phases one after the other; the last of them ends the schedule. */
function schedule(
  cadence: Cadence,
  { start, phases }: { start: number; phases: readonly { to: number; every: number }[] },
  flags: readonly ScheduleFlag[],
): Schedule {
  const { far, rows } = cadence
  const edges = rows.map(({ within }) => start - within)
  const before = [far, ...rows.slice(0, -1).map(({ every }) => every)].flatMap((every, i) => {
    const to = edges[i]
    return to === undefined ? [] : [{ to, every }]
  })
  const all: { from: number; to: number; every: number }[] = []
  let from = Number.NEGATIVE_INFINITY
  for (const { to, every } of [...before, ...phases]) {
    all.push({ from, to, every })
    from = Math.max(from, to)
  }
  return { phases: joined(all), overAt: from, start, flags }
}

/** The interval nearest to the start, and the one before it. */
const nearest = ({ far, rows }: Cadence) => rows.at(-1)?.every ?? far
const nextToNearest = ({ far, rows }: Cadence) => rows.at(-2)?.every ?? far

/** ms between polls at an instant; null when the event is over. */
export function intervalAt(schedule: Schedule, at: number): number | null {
  return phaseAt(schedule, at)?.every ?? null
}

/** The phase that holds at an instant; null when the event is over. */
export function phaseAt({ phases }: Schedule, at: number): Phase | null {
  return phases.find(({ from, to }) => from <= at && at < to) ?? null
}

/**
 * When the next poll is due: the earliest instant at which the age reaches the interval in force at that instant (P1).
 * So a poll made just before its interval shortens is due again when it does.
 * @param last when the last poll began
 * @returns null when the event is over before that
 */
export function dueAt({ phases }: Schedule, last: number): number | null {
  for (const { from, to, every } of phases) {
    const due = Math.max(from, last + every)
    if (due < to) return due
  }
  return null
}

/**
 * The schedule that satisfies all of them: at every instant the shortest interval that any asks (S2). It is over when
 * all are, and starts with the first. Of none, it is over.
 */
export function shortest(schedules: readonly Schedule[]): Schedule {
  const edges = new Set(schedules.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to])))
  const sorted = [...edges].sort((a, b) => (a < b ? -1 : 1))
  const phases: Phase[] = []
  for (const [i, from] of sorted.entries()) {
    const asked = schedules.map((schedule) => intervalAt(schedule, from)).filter((every) => every !== null)
    const to = sorted[i + 1]
    if (to === undefined || asked.length === 0) break
    phases.push({ from, to, every: Math.min(...asked) })
  }
  const starts = schedules.map(({ start }) => start).filter((start) => start !== null)
  return {
    phases: joined(phases),
    overAt: schedules.reduce<number | null>(laterEnd, Number.NEGATIVE_INFINITY),
    start: starts.length === 0 ? null : Math.min(...starts),
    flags: FLAGS.filter((flag) => schedules.some(({ flags }) => flags.includes(flag))),
  }
}

const laterEnd = (over: number | null, { overAt }: Schedule) =>
  over === null || overAt === null ? null : Math.max(over, overAt)

/** Neighbours of one interval are one phase, and phases without length are none. */
function joined(phases: readonly Phase[]): Phase[] {
  const result: Phase[] = []
  for (const phase of phases) {
    const before = result.at(-1)
    if (phase.from >= phase.to) continue
    if (before?.every === phase.every) before.to = phase.to
    else result.push({ ...phase })
  }
  return result
}
