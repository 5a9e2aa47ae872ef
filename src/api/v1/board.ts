import { createRoute, z } from '@hono/zod-openapi'
import type { AccountLine, Race, Trouble } from '../../status/model.ts'
import { raceKey } from '../../status/races.ts'
import { SLOTS } from '../../status/strip.ts'
import { verdictOf } from '../../status/verdict.ts'
import { answers, Instant, iso, newArea } from './area.ts'
import { eventKeyText } from './event-key.ts'
import { raceStrip, type Standing, standingOf } from './standing.ts'

/** All races, problems first. */
export const board = newArea()

export const Freshness = z
  .object({
    polledAt: Instant.nullable(),
    every: z.int().nullable().openapi({ description: 'ms between two polls now; null when none is to come' }),
    stretchedTo: z.int().nullable().openapi({ description: 'ms, where calls are too few for `every`' }),
    nextAt: Instant.nullable(),
    late: z.boolean(),
    bibsAsOf: Instant.nullable().openapi({ description: 'The oldest bib; null where the list brings them' }),
    bibLimit: z.int().openapi({ description: 'ms that a bib may grow old' }),
    bibsLate: z.boolean(),
    pending: z.int().openapi({ description: 'Registrations whose detail is still to be read' }),
  })
  .openapi('Freshness')

export const TroubleSchema = z
  .object({
    problem: z.string().openapi({ example: 'late' }),
    subject: z.string(),
    message: z.string(),
    hint: z.string(),
    needsPerson: z.boolean(),
    holdId: z.int().nullable(),
    listIds: z
      .array(z.string())
      .openapi({ description: 'The events or races that it is about; none: an account' }),
  })
  .openapi('Trouble')

export const Strip = z.array(z.enum(['kept', 'late', 'none'])).openapi({
  description: `The last six hours in ${SLOTS} slots, oldest first: was the list as new as its target?`,
})

const BoardRace = z
  .object({
    listId: z.string().openapi({ description: 'What one call lists: an event, or a race of several' }),
    provider: z.string(),
    accountId: z.int().nullable(),
    name: z.string(),
    events: z.array(z.object({ key: z.string(), name: z.string(), partnerId: z.int(), partner: z.string() })),
    startsAt: Instant.nullable(),
    startDay: z.string().nullable(),
    timezone: z.string().nullable(),
    startAssumed: z.boolean(),
    freshness: Freshness,
    strip: Strip,
    participants: z.int(),
    active: z.int(),
    changedThisHour: z.int(),
    completeAt: Instant.nullable(),
    missing: z.boolean(),
    troubled: z.boolean(),
  })
  .openapi('BoardRace')

export const AccountLineSchema = z
  .object({
    id: z.int(),
    provider: z.string(),
    organizations: z.string(),
    clientId: z.string().openapi({ description: 'Its first ten characters' }),
    used: z.int().openapi({ description: 'Calls of the rolling hour' }),
    limit: z.int(),
    pausedUntil: Instant.nullable(),
    pauseReason: z.string().nullable(),
    stretch: z.object({ near: z.number(), far: z.number() }).openapi({
      description: 'Factors on poll intervals, within a day of the start and before',
    }),
    unorderedSince: Instant.nullable(),
    backfill: z
      .object({
        events: z.int(),
        unknown: z.int(),
        pages: z.int(),
        rows: z.int(),
        details: z.int(),
        calls: z.int(),
        callsLeft: z.int(),
        spare: z.int(),
        takes: z.number().nullable().openapi({ description: 'ms at this pace; null without a spare call' }),
      })
      .nullable()
      .openapi({ description: 'What is still to be read for the first time; null when all was' }),
  })
  .openapi('AccountLine')

const Board = z
  .object({
    at: Instant.openapi({ description: 'As of when all this is' }),
    verdict: z.string().openapi({ example: 'Up to date, 42 s ago. Next check 06:41:20. Nothing needs you.' }),
    standing: z.object({
      races: z.int(),
      accounts: z.int(),
      late: z.int(),
      unread: z.int(),
      needs: z.int(),
      lastAt: Instant.nullable(),
      nextAt: Instant.nullable(),
      running: z.boolean(),
    }),
    troubles: z.array(TroubleSchema),
    races: z.array(BoardRace),
    accounts: z.array(AccountLineSchema),
    over: z.int().openapi({ description: 'Races that are over, and so not shown' }),
  })
  .openapi('Board')

const show = createRoute({
  method: 'get',
  path: '/board',
  tags: ['Board'],
  summary: 'All races, problems first',
  description: 'Read at most every two seconds for all who look, so it costs no more when many do.',
  responses: answers(Board, 'The board'),
})

board.openapi(show, async (c) => c.json(boardOf(await standingOf(c.var.call)), 200))

function boardOf(seen: Standing): z.infer<typeof Board> {
  const { at, status } = seen
  const { lastAt, nextAt, isKept, ...counted } = status.standing
  return {
    at: iso(at),
    verdict: verdictOf(status.standing, at),
    standing: { ...counted, lastAt: iso(lastAt), nextAt: iso(nextAt), running: isKept },
    troubles: status.troubles.map(troubleOf),
    races: status.races.map((race) => raceOf(race, seen)),
    accounts: status.accounts.map(accountLineOf),
    over: status.over,
  }
}

function raceOf(race: Race, seen: Standing): z.infer<typeof BoardRace> {
  const { event, counts } = race
  return {
    listId: event.eventId,
    ...{ provider: event.provider, accountId: event.accountId, name: event.name },
    events: (seen.lines.get(raceKey(event)) ?? []).map((line) => ({
      key: eventKeyText(line),
      ...{ name: line.name, partnerId: line.partnerId, partner: line.partner },
    })),
    startsAt: iso(event.startsAt),
    ...{ startDay: event.startDay, timezone: event.timezone, startAssumed: event.assumed },
    freshness: freshnessOf(race),
    strip: raceStrip(race, seen),
    ...{ participants: counts.participants, active: counts.active, changedThisHour: counts.changed },
    completeAt: iso(event.completeAt),
    missing: event.missing,
    troubled: race.troubled,
  }
}

/** How fresh a race's list and bibs are, and are meant to be. */
export function freshnessOf({ event, counts, pace, areBibsLate }: Race): z.infer<typeof Freshness> {
  return {
    polledAt: iso(event.polledAt),
    every: rounded(pace.every),
    stretchedTo: rounded(pace.stretched),
    nextAt: iso(pace.nextAt),
    late: pace.isLate,
    bibsAsOf: iso(counts.bibsAsOf),
    bibLimit: pace.bibLimit,
    bibsLate: areBibsLate,
    pending: counts.pending,
  }
}

const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms))

export function troubleOf({ fields, ...trouble }: Trouble): z.infer<typeof TroubleSchema> {
  const { holdId, eventId, eventIds } = fields
  const listIds = Array.isArray(eventIds)
    ? eventIds.map(String)
    : eventId === undefined
      ? []
      : [String(eventId)]
  const { problem, subject, message, hint, needsPerson } = trouble
  return {
    problem,
    subject,
    message,
    hint,
    needsPerson,
    holdId: typeof holdId === 'number' ? holdId : null,
    listIds,
  }
}

export function accountLineOf(line: AccountLine): z.infer<typeof AccountLineSchema> {
  const { accountId, provider, clientId, label, calls, limit, pausedUntil, pauseReason, stretch } = line
  return {
    id: accountId,
    ...{ provider, organizations: label, clientId, used: calls, limit, pauseReason },
    stretch: { near: stretch.near, far: stretch.far },
    pausedUntil: iso(pausedUntil),
    unorderedSince: iso(line.unorderedSince),
    backfill: line.backfill,
  }
}
