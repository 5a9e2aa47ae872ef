import { z } from 'zod'
import { isZone } from '../domain/event-time.ts'
import { readLength } from './lengths.ts'

/**
 * What a simulation plays: a world of races, what happens in it, and what is expected of startlist meanwhile. Lengths
 * are ms once read, `at` is counted from the scenario's start.
 */

const LONGEST_RUN = 14 * 86_400_000
const MOST_PARTICIPANTS = 50_000
const MOST_SHIFT = 3_600_000

const LENGTH = 'a length such as 90s, 15m or 4h'
/** A length of at least `least` ms, at most `most`. */
const length = (least = 1, most = LONGEST_RUN) =>
  z
    .string({ error: `must be ${LENGTH}` })
    .transform((text) => readLength(text) ?? Number.NaN)
    .refine((ms) => !Number.isNaN(ms), { error: `must be ${LENGTH}`, abort: true })
    .refine((ms) => ms >= 0, { error: 'must not be negative', abort: true })
    .refine((ms) => ms >= least && ms <= most, { error: `must be from ${least} ms to ${most} ms` })

/** A length up to an hour, with a minus sign for one back. */
const shift = z
  .string({ error: `must be ${LENGTH}` })
  .transform((text) => readLength(text) ?? Number.NaN)
  .refine((ms) => Math.abs(ms) <= MOST_SHIFT, {
    error: 'must be a length up to 1h, a minus sign before it or not',
  })

const count = (least: number, most: number) =>
  z
    .int({ error: `must be a whole number from ${least} to ${most}` })
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` })
const share = z.number().min(0).max(1)
const name = z.string().trim().min(1).max(80)
const zone = z.string().refine(isZone, { error: 'is no IANA time zone such as America/Chicago' })

const instant = z
  .string()
  .refine(
    (text) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
    { error: 'must be an instant with its offset such as 2026-05-02T03:00:00-04:00' },
  )
  .transform((text) => Date.parse(text))
const START = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/

const event = z.strictObject({
  name,
  /** so many alike; their names get a number */
  count: count(1, 200).default(1),
  participants: count(0, 20_000),
  /** local time of the race, or a day for a date without a time */
  starts: z.string().regex(START, { error: 'must be local, such as 2026-05-02T07:00 or 2026-05-02' }),
  /** changes at the provider, per event */
  changesPerHour: z.number().min(0).max(1_000).default(0),
  /** false: the events are there, but nothing of their lists is stored yet */
  known: z.boolean().default(true),
  /** as `startlist events set --cadence` takes it */
  cadence: z.string().optional(),
})

const account = z.strictObject({
  name,
  /** so many alike, where only planner and ledger are played; their names get a number */
  count: count(1, 2_000).default(1),
  timezone: zone.default('America/New_York'),
  /** timing partners that hold the client id */
  partners: z.array(name).min(1).max(5),
  /** calls in any rolling 60 minutes that the provider lets this client id make; default: the scenario's quota */
  limit: count(1, 100_000).optional(),
  events: z.array(event).max(50).default([]),
})

const at = length(0)
const happening = z.discriminatedUnion('what', [
  /** calls fail: with a status, by a cut connection, or after the request timeout */
  z.strictObject({
    what: z.literal('outage'),
    at,
    for: length(),
    how: z.enum(['503', 'reset', 'hang']).default('503'),
    account: name.optional(),
  }),
  /** 429 to every call */
  z.strictObject({
    what: z.literal('throttle'),
    at,
    for: length(),
    retryAfter: length(1_000).optional(),
    account: name.optional(),
  }),
  /** the secret is changed at the provider, and its tokens are worthless */
  z.strictObject({ what: z.literal('refuse'), at, account: name }),
  /** new bibs in one second for so many of an event */
  z.strictObject({ what: z.literal('bibs'), at, event: name, count: count(1, 20_000) }),
  /** the process is told to stop, finishes its page, and starts again */
  z.strictObject({ what: z.literal('restart'), at, down: length(0).default(5_000) }),
  /** the process dies with its connections cut */
  z.strictObject({ what: z.literal('kill'), at, down: length(0).default(5_000) }),
  /** a clock is set, forward or back */
  z.strictObject({
    what: z.literal('jump'),
    at,
    clock: z.enum(['process', 'database', 'both']),
    by: shift,
  }),
])

const expectations = z.strictObject({
  /** staleness of changes */
  p99: length().optional(),
  max: length().optional(),
  /** changes that are still to be stored at the end although their list was polled twice; none unless said */
  unseen: count(0, 1_000_000).default(0),
  /** late polls at most */
  late: count(0, 1_000_000).optional(),
  /** share of the calls left by polls that a backfill uses, at least */
  backfillShare: share.optional(),
  /** how far the lateness that the forecast names may be from the real one, as a share */
  forecastWithin: share.optional(),
  /** how far the stretch of one event may be from that of another, as a share */
  alikeWithin: share.optional(),
  /** share of an hour's calls in its first 20 minutes, at most */
  paced: share.optional(),
  /** how long a `bibs` happening may take beyond the least possible, as a share of it */
  bibsWithin: z.number().min(0).max(10).optional(),
})

/** Calls in any rolling 60 minutes, the pause between two, ms, and rows of a page, unless a scenario says otherwise. */
const DEFAULTS = {
  haku: { quota: 500, spacing: 1_500, pageCap: 25 },
  runsignup: { quota: 1_000, spacing: 500, pageCap: 2_500 },
} as const

const provider = z.strictObject({
  name: z.enum(['haku', 'runsignup']).default('haku'),
  /** from request to answer */
  latency: length(0, 30_000).default(300),
  /** rows of a page at most */
  pageCap: count(1, 2_500).optional(),
  /** `thin`: names in the list and the rest call by call; `whole`: all in the list */
  lists: z.enum(['thin', 'whole']).default('thin'),
})

const shape = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/, { error: 'must be lower-case letters, digits and dashes' }),
  about: z.string().min(1),
  /** `planner`: planner and ledger alone, in memory, for many accounts; no provider answers */
  engine: z.enum(['whole', 'planner']).default('whole'),
  seed: count(1, 1_000_000_000).default(1),
  start: instant,
  duration: length(60_000),
  /** calls in any rolling 60 minutes, per account */
  quota: count(1, 100_000).optional(),
  /** between two calls of an account */
  spacing: length(0, 600_000).optional(),
  provider: provider.prefault({}),
  /** how far clocks are from the provider's from the start on */
  skew: z.strictObject({ process: shift, database: shift }).partial().default({}),
  accounts: z.array(account).min(1).max(50),
  happenings: z.array(happening).default([]),
  expect: expectations.prefault({}),
})

export type Scenario = z.output<typeof scenarioSchema>
export type ScenarioAccount = z.output<typeof account>
export type ScenarioEvent = z.output<typeof event>
export type Happening = z.output<typeof happening>

/** A scenario as its file has it; the output has every default filled in. */
export const scenarioSchema = shape.transform(withDefaults).check((context) => {
  const { value } = context
  const wrong = (message: string, ...path: PropertyKey[]) =>
    void context.issues.push({ code: 'custom', message, path, input: value })
  checkAccounts(value.accounts, wrong)
  checkEngine(value, wrong)
  const events = new Set(eventNames(value.accounts))
  const accounts = new Set(value.accounts.map(({ name }) => name))
  for (const [i, item] of value.happenings.entries()) {
    if (item.at >= value.duration) wrong('happens after the end', 'happenings', i, 'at')
    if ('event' in item && !events.has(item.event))
      wrong(`is no event of this scenario: ${item.event}`, 'happenings', i, 'event')
    if ('account' in item && item.account !== undefined && !accounts.has(item.account))
      wrong(`is no account of this scenario: ${item.account}`, 'happenings', i, 'account')
  }
})

function withDefaults(given: z.output<typeof shape>) {
  const { quota, spacing, pageCap } = DEFAULTS[given.provider.name]
  return {
    ...given,
    quota: given.quota ?? quota,
    spacing: given.spacing ?? spacing,
    provider: { ...given.provider, pageCap: given.provider.pageCap ?? pageCap },
  }
}

type Wrong = (message: string, ...path: PropertyKey[]) => void

function checkAccounts(accounts: readonly ScenarioAccount[], wrong: Wrong): void {
  const limits = new Map<string, number | undefined>()
  for (const [i, { name, limit }] of accounts.entries()) {
    if (limits.has(name)) {
      const differ = limits.get(name) !== limit
      wrong(
        differ ? `two limits for one account: ${name}` : `the account is listed twice: ${name}`,
        'accounts',
        i,
        differ && limit !== undefined ? 'limit' : 'name',
      )
    }
    limits.set(name, limit)
  }
}

/** What only the whole engine can play, and what only the planner alone. */
function checkEngine({ engine, accounts, happenings }: Scenario, wrong: Wrong): void {
  if (engine === 'planner') {
    if (happenings.length > 0) wrong('are for engine: whole', 'happenings')
    return
  }
  checkNames(accounts, wrong)
  for (const [i, { count: many }] of accounts.entries())
    if (many > 1) wrong('is for engine: planner', 'accounts', i, 'count')
  const people = accounts.flatMap(({ events }) => events).reduce((n, e) => n + e.count * e.participants, 0)
  if (people > MOST_PARTICIPANTS)
    wrong(`${people} participants are more than ${MOST_PARTICIPANTS}`, 'accounts')
}

/** Happenings name events, so no two may bear one name. */
function checkNames(accounts: readonly ScenarioAccount[], wrong: Wrong): void {
  const seen = new Set<string>()
  for (const [i, { events }] of accounts.entries()) {
    for (const [j, item] of events.entries()) {
      for (const full of expandedNames(item)) {
        if (seen.has(full)) wrong(`two events are called ${full}`, 'accounts', i, 'events', j, 'name')
        seen.add(full)
      }
    }
  }
}

/** `Lantern Bay 1`, `Lantern Bay 2` for a count of two; the name itself for one. */
export function expandedNames({ name, count }: { name: string; count: number }): string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name} ${i + 1}`)
}

function eventNames(accounts: readonly ScenarioAccount[]): string[] {
  return accounts.flatMap(({ events }) => events.flatMap(expandedNames))
}
