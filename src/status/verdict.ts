import { clockText, duration } from '../domain/time-texts.ts'

/** What the verdict is drawn from. Instants in ms since the epoch. */
export interface Standing {
  races: number
  /** whose events are looked for; without one a person has to begin */
  accounts: number
  late: number
  /** races whose list has never been read to its end */
  unread: number
  /** things that wait for a person */
  needs: number
  /** the last finished pass over any race */
  lastAt: number | null
  /** the next poll of any race; null for none */
  nextAt: number | null
  /** a `run` keeps the lists current */
  isKept: boolean
}

/** The whole status in one line: how it stands, when is looked next, and whether a person is needed. */
export function verdictOf(standing: Standing, now: number): string {
  if (standing.accounts === 0 && standing.races === 0)
    return 'There is no credential yet: startlist setup adds one.'
  return [state(standing, now), next(standing, now), needs(standing)].filter((part) => part !== '').join(' ')
}

function state({ races, late, unread, lastAt }: Standing, now: number): string {
  if (races === 0) return 'No race ahead.'
  if (late > 0) return `${count(late, races)} late.`
  if (unread === races && lastAt === null) return 'Nothing has been read yet.'
  const ago = lastAt === null ? '' : `, ${duration(now - lastAt)} ago`
  if (unread === races) return 'No race has been read to its end yet.'
  if (unread > 0) return `${count(unread, races)} not read to the end yet; the others are up to date${ago}.`
  return `Up to date${ago}.`
}

const count = (some: number, all: number): string => {
  if (some === all) return all === 1 ? 'The race is' : `All ${all} races are`
  return `${some} of ${all} races ${some === 1 ? 'is' : 'are'}`
}

function next({ isKept, nextAt }: Standing, now: number): string {
  if (!isKept) return 'Nothing is checked by itself: startlist run is not running.'
  if (nextAt === null) return ''
  return nextAt <= now ? 'Next check now.' : `Next check ${clockText(nextAt)}.`
}

function needs({ needs: waiting }: Standing): string {
  if (waiting === 0) return 'Nothing needs you.'
  return waiting === 1 ? '1 thing needs you.' : `${waiting} things need you.`
}
