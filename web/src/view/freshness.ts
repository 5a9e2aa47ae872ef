/** How fresh a race is, in words. Pure; instants in ms. */
import type { Freshness, RaceView } from './board.ts'
import type { RaceDetail } from './race.ts'
import { ago, clock, duration, every } from './times.ts'
import type { Tone } from './tone.ts'
import { count } from './words.ts'

/** The race in a word, worst first. */
export function standingOf({
  freshness,
  completeAt,
  isMissing,
}: Pick<RaceView, 'freshness' | 'completeAt' | 'isMissing'>): {
  tone: Tone
  text: string
} {
  if (isMissing) return { tone: 'warn', text: 'Gone at the provider' }
  if (freshness.isLate) return { tone: 'bad', text: 'List late' }
  if (completeAt === null) return { tone: 'warn', text: 'Not read whole yet' }
  if (freshness.areBibsLate) return { tone: 'warn', text: 'Bibs late' }
  if (freshness.every === null) return { tone: 'plain', text: 'No longer checked' }
  return { tone: 'good', text: 'Up to date, whole' }
}

/** `42 s ago, every 60 s` */
export function listLine({ polledAt, every: interval, isStretched, nextAt }: Freshness, now: number): string {
  if (polledAt === null) return nextAt === null ? 'not read yet' : `not read yet, next ${soon(nextAt, now)}`
  if (interval === null) return ago(polledAt, now)
  return `${ago(polledAt, now)}, ${every(interval)}${isStretched ? ' (stretched: too few calls)' : ''}`
}

/** `oldest 3 min ago, limit 10 min` */
export function bibsLine({ bibsAsOf, bibLimit, areBibsLate, pending }: Freshness, now: number): string {
  if (pending > 0) return `${count(pending, 'detail')} still to be read`
  if (bibsAsOf === null) return 'as fresh as the list'
  return `oldest ${ago(bibsAsOf, now)}, limit ${duration(bibLimit)}${areBibsLate ? ': late' : ''}`
}

const soon = (at: number, now: number): string => (at <= now ? 'now' : `in ${duration(at - now)}`)

/** One race in one line: how it stands, when it is looked at next, and why then. */
export function raceVerdict(race: RaceDetail, now: number): { tone: Tone; text: string } {
  const { tone } = standingOf(race)
  const { freshness } = race
  const needs = race.holds + race.troubles.filter(({ needsPerson }) => needsPerson).length
  const parts = [
    raceState(race, now),
    freshness.nextAt === null
      ? ''
      : freshness.nextAt <= now
        ? 'Next check now.'
        : `Next check ${clock(freshness.nextAt, race.zone, 'seconds')}.`,
    needs === 0 ? 'Nothing needs you.' : `${count(needs, 'thing')} ${needs === 1 ? 'needs' : 'need'} you.`,
  ]
  return { tone: needs > 0 ? 'bad' : tone, text: parts.filter(Boolean).join(' ') }
}

function raceState({ freshness, completeAt, isMissing }: RaceDetail, now: number): string {
  if (isMissing) return 'The provider does not list this race any more.'
  if (freshness.polledAt === null) return 'This race has not been read yet.'
  const since = duration(now - freshness.polledAt)
  if (freshness.isLate) return `This list is late: ${since} old.`
  if (completeAt === null) return `Not read to the end yet; so far as of ${since} ago.`
  return freshness.every === null ? `Last checked ${since} ago.` : `Up to date, ${since} ago.`
}
