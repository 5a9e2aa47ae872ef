import type { LateEvent } from '../../quota/forecast.ts'
import type { JudgedPoll } from './polls.ts'

/** The forecast beside what came of it. Pure; durations in ms. */

/** An event that was foreseen as late. */
export interface ForeseenEvent {
  name: string
  /** between two polls, as the cadence asks, as foreseen, and as the provider saw it */
  every: number
  foreseenEvery: number
  realEvery: number
  /** by how much the mean lateness differs from the one foreseen, as a share of it */
  off: number
  polls: number
}

/** Compares each spell of lateness that was foreseen with the polls that were made in it. */
export function foreseenOf(late: readonly LateEvent[], polls: readonly JudgedPoll[]): ForeseenEvent[] {
  return late
    .filter((span) => span.late)
    .map(({ eventId, name, from, to, every, polledEvery, meanMs }) => {
      const made = polls.filter(
        (poll) => poll.eventId === eventId && poll.every === every && poll.asked >= from && poll.asked <= to,
      )
      const real = meanLateness(made)
      const off = Math.abs(real / meanMs - 1)
      return { name, every, foreseenEvery: polledEvery, realEvery: every + real, off, polls: made.length }
    })
}

/** By how much the mean intervals of events with the same cadence differ: longest over shortest, less 1. */
export function spreadOf(polls: readonly JudgedPoll[]): number {
  const shortest = polls.reduce((least, { every }) => Math.min(least, every), Number.POSITIVE_INFINITY)
  const alike = polls.filter(({ every }) => every === shortest)
  const means = [...Map.groupBy(alike, ({ eventId }) => eventId).values()].map(
    (mine) => shortest + meanLateness(mine),
  )
  return means.length === 0 ? 0 : Math.max(...means) / Math.min(...means) - 1
}

function meanLateness(polls: readonly JudgedPoll[]): number {
  const made = polls.flatMap(({ at, asked }) => (at === null ? [] : [at - asked]))
  return made.length === 0 ? Number.NaN : made.reduce((sum, ms) => sum + ms, 0) / made.length
}
