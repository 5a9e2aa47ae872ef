import { dueAt, phaseAt, type Schedule } from '../../domain/schedule.ts'
import { hourDemand, type PollGroup } from '../../quota/demand.ts'
import { isLate } from '../../quota/lateness.ts'
import { isFar } from '../../quota/planner.ts'
import { pollCapacity, type Stretch, stretchedDue, stretchOf } from '../../quota/stretch.ts'
import { type Limits, WINDOW_MS } from '../../quota/window.ts'

/**
 * Polls as the provider saw them, and whether they were on time (P4): judged from its log and the cadence alone, not
 * from what startlist says of itself. Pure; instants in ms since the epoch.
 */

/** An event whose polls are judged. */
export interface JudgedEvent {
  id: string
  schedule: Schedule
}

/** The first list call of a poll, or of another pass over the list. */
export interface ListCall {
  eventId: string
  at: number
}

/** A poll that was made, or (`at` null) was still owed at the end. */
export interface JudgedPoll {
  eventId: string
  at: number | null
  /** when its cadence asked for it */
  asked: number
  /** when it was due, under the stretch in force */
  due: number
  every: number
  late: boolean
}

export interface PollTrial {
  /** of one account */
  events: readonly JudgedEvent[]
  /** of these events, in order */
  calls: readonly ListCall[]
  from: number
  until: number
  /** when all lists were read last before `from` */
  preparedAt: number
  limits: Limits
}

/** On its way to the provider, and under a stretch that changes, a poll may seem to come this much early. */
const EARLY_SHARE = 0.1

/** The polls of one account, in order. */
export function judgePolls(trial: PollTrial): JudgedPoll[] {
  const { events, calls, preparedAt, until, limits } = trial
  const schedules = new Map(events.map(({ id, schedule }) => [id, schedule]))
  const last = new Map(events.map(({ id }) => [id, preparedAt]))
  const judged: JudgedPoll[] = []
  for (const { eventId, at } of calls) {
    const schedule = schedules.get(eventId)
    if (schedule === undefined) continue
    const poll = placed(trial, schedule, last.get(eventId) ?? preparedAt, stretchAt(trial, last, at))
    last.set(eventId, at)
    // A pass well before its time, as a sweep makes it, is no poll.
    if (poll === null || at < poll.due - poll.every * EARLY_SHARE) continue
    const together = 1 + madeBetween(judged, poll.due, at) + owedAt(trial, last, at)
    // What comes after the end is the last sweep; the poll before it was owed until then.
    const startedAt = Math.min(at, schedule.overAt ?? at)
    const late = isLate({ due: poll.due, every: poll.every, startedAt, together }, limits.minSpacingMs)
    judged.push({ eventId, at: startedAt, ...poll, late })
  }
  for (const { id, schedule } of events) {
    const poll = placed(trial, schedule, last.get(id) ?? preparedAt, stretchAt(trial, last, until))
    if (poll === null || poll.due >= until) continue
    const together = 1 + owedAt(trial, last, until)
    const startedAt = Math.min(until, schedule.overAt ?? until)
    const late = isLate({ due: poll.due, every: poll.every, startedAt, together }, limits.minSpacingMs)
    if (late) judged.push({ eventId: id, at: null, ...poll, late })
  }
  return judged
}

/** When the next poll is asked for and due; null when none is to come. */
function placed({ from }: PollTrial, schedule: Schedule, last: number, stretch: Stretch) {
  const natural = dueAt(schedule, last)
  if (natural === null) return null
  const asked = Math.max(natural, from)
  const every = phaseAt(schedule, asked)?.every
  if (every === undefined) return null
  const far = isFar(schedule.start ?? Number.POSITIVE_INFINITY, asked)
  return { asked, due: Math.max(from, stretchedDue(natural, every, far, stretch)), every }
}

/** How many polls went before this one while it was due. */
function madeBetween(judged: readonly JudgedPoll[], due: number, at: number): number {
  const first = judged.findLastIndex((poll) => poll.at !== null && poll.at < due)
  return judged.slice(first + 1).filter((poll) => poll.at !== null && poll.at < at).length
}

/** How many events of the account are due at an instant and not polled yet. */
function owedAt(trial: PollTrial, last: ReadonlyMap<string, number>, at: number): number {
  const stretch = stretchAt(trial, last, at)
  return trial.events.filter(({ id, schedule }) => {
    const poll = placed(trial, schedule, last.get(id) ?? trial.preparedAt, stretch)
    return poll !== null && poll.due <= at
  }).length
}

/** The stretch that is in force: the planner's own rule, on what the log shows (P3). */
function stretchAt(
  { events, limits, preparedAt }: PollTrial,
  last: ReadonlyMap<string, number>,
  now: number,
) {
  const groups = events.flatMap(({ id, schedule }): PollGroup[] => {
    const due = dueAt(schedule, last.get(id) ?? preparedAt)
    const every = due === null ? undefined : phaseAt(schedule, Math.max(due, now))?.every
    const phase = phaseAt(schedule, now)
    if (due === null || due >= now + WINDOW_MS || every === undefined || phase === null) return []
    const changesIn = phase.to >= now + WINDOW_MS ? null : phase.to - now
    const nextEvery = changesIn === null ? null : (phaseAt(schedule, phase.to)?.every ?? null)
    const far = isFar(schedule.start ?? Number.POSITIVE_INFINITY, now)
    return [{ count: 1, dueIn: due - now, every, changesIn, nextEvery, isFar: far }]
  })
  return stretchOf(hourDemand(groups), pollCapacity(limits, null))
}
