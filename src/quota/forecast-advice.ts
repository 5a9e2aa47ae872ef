import type { Cadence } from '../domain/cadence.ts'
import { intervalAt } from '../domain/schedule.ts'
import { capacityOf, demandOf, type ForecastAccount, type ForecastEvent, plannedEvents } from './forecast.ts'
import { type Peak, peakOf } from './forecast-demand.ts'
import { WINDOW_MS } from './window.ts'

/**
 * What would make an account's polls fit its quota, least harm first. Pure. Each piece of advice has been tried: the
 * forecast of the account that follows it stretches nothing.
 */
export type Advice =
  | {
      kind: 'cadence' /** for these events alone */
      changes: { eventId: string; name: string; cadence: Cadence }[]
    }
  | {
      kind: 'accounts'
      /** client ids that are needed, the present one included */
      accounts: number
      /** events that each of the others takes over */
      moved: { eventId: string; name: string }[][]
    }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Intervals that people say. */
const INTERVALS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 240, 360, 480, 720, 1440].map((min) => min * MINUTE)
/** Between the start's eve and its last hours nobody is harmed by a longer interval, up to this. */
const LONGEST_BETWEEN = HOUR
/** Whether each of the changes matters is tried for so many at most: each try is a forecast. */
const MOST_TRIED_WITHOUT = 60
/** More client ids than this are no advice. */
const MOST_ACCOUNTS = 10

/** What to do about an account whose polls do not fit in `hours` from `from` on; nothing when they do. */
export function adviseOn(account: ForecastAccount, from: number, hours: number): Advice[] {
  const world: World = { account, from, hours }
  if (fits(world, account)) return []
  return [longerIntervals(world), moreAccounts(world)].filter((advice) => advice !== null)
}

/** The account as it would be if it followed the advice; for more client ids, the accounts that there would be. */
export function followed(account: ForecastAccount, advice: Advice): ForecastAccount[] {
  if (advice.kind === 'cadence') {
    const cadences = new Map(advice.changes.map(({ eventId, cadence }) => [eventId, cadence]))
    return [withCadences(account, cadences)]
  }
  const moved = advice.moved.map((group) => new Set(group.map(({ eventId }) => eventId)))
  const only = (keep: (eventId: string) => boolean): ForecastAccount => ({
    ...account,
    events: account.events.filter(({ eventId }) => keep(eventId)),
  })
  return [
    only((id) => !moved.some((group) => group.has(id))),
    ...moved.map((group) => only((id) => group.has(id))),
  ]
}

interface World {
  account: ForecastAccount
  from: number
  hours: number
}

const worst = ({ from, hours }: World, account: ForecastAccount): Peak =>
  peakOf(demandOf(account, from, hours))

const fits = (world: World, account: ForecastAccount): boolean =>
  worst(world, account).polls <= capacityOf(account)

function withCadences(account: ForecastAccount, cadences: ReadonlyMap<string, Cadence>): ForecastAccount {
  return {
    ...account,
    events: account.events.map((event) => {
      const cadence = cadences.get(event.eventId)
      if (cadence === undefined) return event
      return { ...event, holders: event.holders.map(({ times }) => ({ times, cadence })) }
    }),
  }
}

/**
 * Longer intervals for as few events as it takes: first far from the start, then up to its eve, then in the last hours,
 * small events before large ones; at last what turned out not to matter is taken back.
 */
function longerIntervals(world: World): Advice | null {
  const capacity = capacityOf(world.account)
  const cadences = new Map<string, Cadence>()
  const account = () => withCadences(world.account, cadences)
  for (;;) {
    const peak = worst(world, account())
    let over = peak.polls - capacity
    if (over <= 0) break
    const steps = candidates(account(), peak)
    const [first] = steps
    if (first === undefined) return null
    // What would do more harm is thought of only when nothing that does less is left.
    for (const { eventId, cadence, saves } of steps.filter(({ harm }) => harm === first.harm)) {
      cadences.set(eventId, cadence)
      over -= saves
      if (over <= 0) break
    }
  }
  if (cadences.size <= MOST_TRIED_WITHOUT) dropNeedless(world, cadences)
  const changes = world.account.events.flatMap(({ eventId, name }) => {
    const cadence = cadences.get(eventId)
    return cadence === undefined ? [] : [{ eventId, name, cadence }]
  })
  return { kind: 'cadence', changes }
}

function dropNeedless(world: World, cadences: Map<string, Cadence>): void {
  for (const [eventId, cadence] of [...cadences]) {
    cadences.delete(eventId)
    if (!fits(world, withCadences(world.account, cadences))) cadences.set(eventId, cadence)
  }
}

interface Candidate {
  eventId: string
  cadence: Cadence
  /** calls that it saves in the worst hour, at most */
  saves: number
  harm: Harm
  every: number
  size: number
}

/** 0 far from the start, 1 up to the last hours, 2 in the last hours. */
type Harm = 0 | 1 | 2

/** The next longer interval of each event that is polled in the worst hour, least harm first. */
function candidates(account: ForecastAccount, peak: Peak): Candidate[] {
  return plannedEvents(account, peak.from)
    .flatMap(({ event, schedule, pollCalls }) => {
      const asked = [peak.from, (peak.from + peak.to) / 2, peak.to - 1].map((at) => intervalAt(schedule, at))
      const every = Math.min(...asked.filter((interval) => interval !== null))
      return lengthened(event, every, pollCalls(every, peak.from))
    })
    .sort((a, b) => a.harm - b.harm || a.every - b.every || a.size - b.size)
}

/** The event with this interval one step longer; none where that would be longer than the one before it. */
function lengthened({ eventId, size, holders }: ForecastEvent, every: number, calls: number): Candidate[] {
  const longer = INTERVALS.find((interval) => interval > every)
  if (longer === undefined) return []
  const saves = calls * (WINDOW_MS / every - WINDOW_MS / longer)
  for (const { cadence } of holders) {
    const { far, rows } = cadence
    const base = { eventId, saves, every, size }
    if (far === every && rows.every((row) => row.every < far))
      return [{ ...base, cadence: { ...cadence, far: longer }, harm: 0 }]
    const index = rows.findIndex((row) => row.every === every)
    if (index < 0) continue
    const isLast = index === rows.length - 1
    const before = rows[index - 1]?.every ?? far
    if (longer > (isLast ? before : Math.min(before, LONGEST_BETWEEN))) return []
    const changed = rows.map((row, i) => (i === index ? { ...row, every: longer } : row))
    return [{ ...base, cadence: { ...cadence, rows: changed }, harm: isLast ? 2 : 1 }]
  }
  return []
}

/** The events dealt to as few client ids as it takes, those that ask for most first, each to the one that has most left. */
function moreAccounts(world: World): Advice | null {
  const { account } = world
  const peak = worst(world, account)
  const weighed = account.events
    .map((event) => ({ event, polls: worst(world, { ...account, events: [event] }).polls }))
    .sort((a, b) => b.polls - a.polls)
  const least = Math.max(2, Math.ceil(peak.polls / capacityOf(account)))
  for (let count = least; count <= MOST_ACCOUNTS; count++) {
    const groups = dealt(weighed, count).map((events) => ({ ...account, events }))
    if (groups.every((group) => fits(world, group))) {
      const moved = groups
        .slice(1)
        .map(({ events }) => events.map(({ eventId, name }) => ({ eventId, name })))
      return { kind: 'accounts', accounts: count, moved }
    }
  }
  return null
}

function dealt(
  weighed: readonly { event: ForecastEvent; polls: number }[],
  count: number,
): ForecastEvent[][] {
  const groups = Array.from({ length: count }, () => ({ events: [] as ForecastEvent[], polls: 0 }))
  for (const { event, polls } of weighed) {
    const group = groups.reduce((least, each) => (each.polls < least.polls ? each : least))
    group.events.push(event)
    group.polls += polls
  }
  return groups.map(({ events }) => events)
}
