import { sql } from 'kysely'
import { expect } from 'vitest'
import { StartlistError } from '../../../src/domain/errors.ts'
import { createLogger, serializeError } from '../../../src/observe/logger.ts'
import {
  DEFECTS,
  type Fault,
  isMarked,
  MARKED,
  register,
  remove,
  setBib,
} from '../../../src/simulator/index.ts'
import type { AccountOutcome } from '../../../src/sync/account-sync.ts'
import { testCredential } from '../../../src/sync/open-account.ts'
import { feedFaults, feedOf, type Race, race, stateOf } from './race.ts'

/** Every fault that the simulator can play, by name. */
const FAULTS = {
  '400': { kind: 'status', status: 400 },
  '401': { kind: 'status', status: 401 },
  '403': { kind: 'status', status: 403 },
  '404': { kind: 'status', status: 404 },
  '408': { kind: 'status', status: 408 },
  '422': { kind: 'status', status: 422 },
  '429': { kind: 'throttle' },
  '429 with seconds': { kind: 'throttle', retryAfter: 30 },
  '429 with a date': { kind: 'throttle', retryAfter: 30, form: 'date' },
  '500': { kind: 'status', status: 500 },
  '502 in HTML': { kind: 'status', status: 502, body: 'html' },
  '503 without a body': { kind: 'status', status: 503, body: 'empty' },
  'reset at once': { kind: 'reset', when: 'at-once' },
  'reset amid the headers': { kind: 'reset', when: 'headers' },
  'reset amid the body': { kind: 'reset', when: 'body' },
  slow: { kind: 'slow', ms: 20_000 },
  hang: { kind: 'hang' },
  truncated: { kind: 'truncated' },
  'HTML with 200': { kind: 'html' },
  'an empty list': { kind: 'empty' },
  'another list': { kind: 'foreign' },
  malformed: { kind: 'malformed', defects: DEFECTS },
  'an object instead': { kind: 'wrong-type', as: 'object' },
  'a text instead': { kind: 'wrong-type', as: 'string' },
  'a number instead': { kind: 'wrong-type', as: 'number' },
  'null instead': { kind: 'wrong-type', as: 'null' },
  redirect: { kind: 'redirect' },
  duplicate: { kind: 'duplicate', rows: 4 },
  'revoked tokens': { kind: 'revoke' },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[]

const LISTS = { endpoint: ['participants', 'registrations'] as ('participants' | 'registrations')[] }

/** Where it strikes. */
const PLACES = {
  'page 1': (r: Race) => ({ ...LISTS, eventId: r.event.id, page: 1 }),
  'a middle page': (r: Race) => ({ ...LISTS, eventId: r.event.id, page: 2 }),
  details: (r: Race) => ({ endpoint: 'detail' as const, eventId: r.event.id }),
  events: () => ({ endpoint: 'events' as const }),
  tokens: () => ({ endpoint: 'token' as const }),
}
export type PlaceName = keyof typeof PLACES

/**
 * Calls of one discovery and one sync under a fault for ever. A page, a detail or a token is tried three times, a
 * 401 is met with one renewal and the other header form, and three failures in a row end the details.
 */
const MOST_CALLS = 60

/** Places that a discovery never comes by. */
const LISTED = new Set<PlaceName>(['page 1', 'a middle page', 'details'])

/** Faults of an answer's content, which has to be there: a token's has no rows. */
const CONTENT = new Set<FaultName>(['an empty list', 'another list', 'malformed', 'duplicate'])

/**
 * Plays a fault at the given places, once and for ever, amid news of two pages: nothing is lost, nobody removed, no mark
 * moved by a failed pass, no storm of calls, and nobody told who the runners are or what the secret is.
 */
export async function suffer(name: FaultName, places: readonly PlaceName[]): Promise<void> {
  const fault = FAULTS[name] as Fault
  const r = await race({
    // A foreign list is doubted where more than twenty are known (A3).
    participants: name === 'another list' ? 22 : 10,
    traits: { pageCap: 4, tokenLifetime: 600 },
    env: { STARTLIST_REQUEST_TIMEOUT_MS: '100' },
    also: [{ startsAt: '2026-05-02T09:00:00', participants: 5 }],
  })
  await r.settled()
  const told = new Told()
  let bib = 600
  for (const place of places) {
    for (const times of [1, Number.POSITIVE_INFINITY]) {
      const where = `${name}, ${place}, times ${times}`
      // Two pages of news, a newcomer, and somebody who goes.
      for (const n of r.numbers().slice(2, 7)) setBib(r.world, r.event.id, n, String(bib++))
      register(r.world, r.event.id)
      if (times === 1) remove(r.world, r.event.id, r.nth(1))
      r.clock.advance(20 * 60_000)
      const before = await stateOf(r.db, r.event.id)
      const rule = r.haku.faults.add({ match: PLACES[place](r), times, fault })
      const { last } = r.haku.calls
      if (!LISTED.has(place)) await told.of(() => r.installation.discover(r.clientId))
      const outcome = await told.of(() => r.sync())
      expect(rule.played > 0 || CONTENT.has(name), `played: ${where}`).toBe(true)
      expect(r.haku.calls.last - last, `calls: ${where}`).toBeLessThanOrEqual(MOST_CALLS)
      const result = outcome?.events.find((event) => event.eventId === r.event.id)
      if (place.endsWith('page') && (result === undefined || result.error !== null)) {
        const after = await stateOf(r.db, r.event.id)
        expect(after.watermark, `watermark: ${where}`).toBe(before.watermark)
        expect(after.finished_pass, `finished: ${where}`).toBe(before.finished_pass)
      }
      expect(await falselyRemoved(r), `removals: ${where}`).toEqual([])
      rule.remove()
      await heal(r)
      // A sweep, and what it owes: once more where a row's backoff was still running.
      await r.sync({ eventId: r.event.id, full: true })
      r.clock.advance(3_700_000)
      await r.sync()
      expect(await r.differences(), where).toEqual([])
      expect(await falselyRemoved(r), `removals: ${where}`).toEqual([])
    }
  }
  expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  expect(told.lines.filter(isMarked)).toEqual([])
  expect(await leaks(r)).toEqual([])
}

/** What a person would do and see afterwards: the pause runs out, a refused secret is tested, discovery looks again. */
async function heal(r: Race): Promise<void> {
  r.clock.advance(2 * 3_600_000)
  await testCredential(r.installation.services, r.credentialId, { class: 'person' })
  // The race stays ahead, however many hours the faults took.
  const start = r.clock.now() + 20 * 3_600_000
  for (const event of r.world.events.values()) event.startsAt = start
  await sql`UPDATE haku_events SET starts_at = ${new Date(start).toISOString()}`.execute(r.db)
}

/** Whom the feed calls removed, although the provider still has them. */
async function falselyRemoved(r: Race): Promise<string[]> {
  const feed = await feedOf(r.db, r.event.id, r.partnerId)
  const removed = feed.filter((entry) => entry.change === 'removed').map((entry) => entry.key)
  return removed.filter((key) => r.event.registrations.has(key))
}

/** All that a log, an error and its cause would tell. */
class Told {
  readonly lines: string[] = []
  readonly #logger = createLogger({ level: 'trace', write: (line) => this.lines.push(line) })

  async of<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      const result = await work()
      this.#outcome(result as unknown as AccountOutcome)
      return result
    } catch (error) {
      this.#error(error)
      return null
    }
  }

  #outcome(result: AccountOutcome): void {
    this.#logger.info({ result }, 'done')
    this.lines.push(JSON.stringify(result))
    for (const error of [result.stopped, ...(result.events ?? []).map((event) => event.error)]) {
      if (error) this.#error(error)
    }
  }

  #error(error: unknown): void {
    expect(error).toBeInstanceOf(StartlistError)
    const { message, hint, cause, stack } = error as StartlistError
    this.#logger.error({ err: error }, 'failed')
    this.lines.push(
      message,
      hint,
      String(stack),
      JSON.stringify(cause ?? null),
      JSON.stringify(serializeError(error, true)),
    )
    for (let at = cause; at instanceof Error; at = at.cause) this.lines.push(at.message, String(at.stack))
  }
}

/** Places that may hold what was told of people, or a sealed secret; everything else may hold neither. */
const MAY_HOLD_PEOPLE = new Set(['haku_participants', 'participant_changes', 'rejected_records'])

/** Every row of every table whose text shows a mark. Secrets may be nowhere at all. */
async function leaks(r: Race): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`.execute(r.db)
  const secrets = r.organization.secrets
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{
      text: string
    }>`SELECT to_jsonb(t)::text AS text FROM ${sql.table(name)} t`.execute(r.db)
    for (const { text } of rows) {
      const secret = secrets.some((value) => text.includes(value)) || /(?:zqxj[0-9a-f]{4}){2}/.test(text)
      const person = !MAY_HOLD_PEOPLE.has(name) && MARKED.test(text)
      if (secret || person) found.push(`${name}: ${text.slice(0, 300)}`)
    }
  }
  return found
}
