/** The weekend board: what it shows, and its one line. Pure; instants and lengths in ms. */
import type { Slot } from './strip.ts'
import type { Start } from './times.ts'
import { clock, duration, localZone } from './times.ts'
import type { Tone } from './tone.ts'
import { count } from './words.ts'

/** How fresh one race's list and bibs are, and are meant to be. */
export interface Freshness {
  polledAt: number | null
  /** between two polls now; null when none is to come */
  every: number | null
  nextAt: number | null
  isLate: boolean
  /** for lack of calls the interval is longer than asked for */
  isStretched: boolean
  /** the oldest bib; null where the list itself brings them */
  bibsAsOf: number | null
  bibLimit: number
  areBibsLate: boolean
  /** registrations whose detail is still to be read */
  pending: number
}

export interface RaceView {
  id: string
  name: string
  /** where it leads to: one page for each event, and for each timing partner who receives it */
  events: readonly { key: string; name: string; partnerId: number; partner: string }[]
  start: Start
  freshness: Freshness
  slots: readonly Slot[]
  active: number
  participants: number
  /** people with a change in the last hour */
  changed: number
  /** when the list was last read whole; null before the first time */
  completeAt: number | null
  /** the provider does not list it any more */
  isMissing: boolean
}

/** Something that is not as it should be, and what to do. */
export interface Trouble {
  subject: string
  message: string
  hint: string
  needsPerson: boolean
  /** where a person can do something about it */
  href: string | null
}

/** What the verdict is drawn from. */
export interface Standing {
  races: number
  accounts: number
  late: number
  unread: number
  needs: number
  lastAt: number | null
  nextAt: number | null
  isKept: boolean
}

/** How it stands, when is looked next, and whether a person is needed. */
export function verdict(standing: Standing, now: number, zone = localZone()): string {
  if (standing.accounts === 0 && standing.races === 0) return 'There is no credential yet.'
  return [state(standing, now), next(standing, now, zone), needs(standing)].filter(Boolean).join(' ')
}

function state({ races, late, unread, lastAt }: Standing, now: number): string {
  if (races === 0) return 'No race ahead.'
  if (late > 0) return `${some(late, races)} late.`
  if (unread === races && lastAt === null) return 'Nothing has been read yet.'
  if (unread === races) return 'No race has been read to its end yet.'
  const since = lastAt === null ? '' : `, ${duration(now - lastAt)} ago`
  if (unread > 0) return `${some(unread, races)} not read to the end yet; the others are up to date${since}.`
  return `Up to date${since}.`
}

function some(part: number, all: number): string {
  if (part === all) return all === 1 ? 'The race is' : `All ${all} races are`
  return `${part} of ${all} races ${part === 1 ? 'is' : 'are'}`
}

function next({ isKept, nextAt, races }: Standing, now: number, zone: string): string {
  if (!isKept) return 'Nothing is checked by itself: startlist run is not running.'
  if (nextAt === null || races === 0) return ''
  return nextAt <= now ? 'Next check now.' : `Next check ${clock(nextAt, zone, 'seconds')}.`
}

function needs({ needs: waiting }: Standing): string {
  if (waiting === 0) return 'Nothing needs you.'
  return `${count(waiting, 'thing')} ${waiting === 1 ? 'needs' : 'need'} you.`
}

/** How the whole stands. */
export function toneOf({ late, unread, needs: waiting, isKept }: Standing): Tone {
  if (late > 0 || waiting > 0 || !isKept) return 'bad'
  return unread > 0 ? 'warn' : 'good'
}

/** What an account has spent of its rolling hour, in calls. */
export interface AccountView {
  id: number
  label: string
  provider: string
  used: number
  limit: number
  pausedUntil: number | null
}

export interface BoardView {
  standing: Standing
  troubles: readonly Trouble[]
  races: readonly RaceView[]
  accounts: readonly AccountView[]
  /** races that are over, and so not shown */
  over: number
}

/** The races of the next day and a half, as one morning's work, and those of later. */
export function byNearness(races: readonly RaceView[], now: number): { title: string; races: RaceView[] }[] {
  const near = races.filter(({ start }) => isNear(start, now))
  const far = races.filter((race) => !near.includes(race))
  if (near.length === 0) return [{ title: 'Races', races: [...far] }]
  return [
    { title: 'Today and tomorrow', races: near },
    { title: 'Later', races: far },
  ].filter((group) => group.races.length > 0)
}

const NEAR_MS = 36 * 3_600_000

function isNear({ startsAt, startDay }: Start, now: number): boolean {
  const at = startsAt ?? (startDay === null ? null : Date.parse(`${startDay}T12:00:00Z`))
  return at !== null && at - now < NEAR_MS
}
