import { VirtualClock } from '../../../src/domain/clock.ts'
import type { Json, JsonObject } from '../../../src/domain/json.ts'
import {
  type Account,
  type ApiKey,
  type Race,
  type RaceEvent,
  type RunSignUpOptions,
  startRunSignUp,
  type WorldOptions,
  world,
} from '../../../src/simulator/runsignup/index.ts'

const NOW = '2026-04-01T12:00:00.250Z'
export const HOUR = 3_600_000

/** An element of a list of participants, whose rows are beside the event. */
export interface Element {
  event: { event_id: number; participants?: JsonObject[] | null }
  participants?: JsonObject[] | null
}

/** The account's key of a form. */
export function keyOf(account: Account, form: ApiKey['form']): ApiKey {
  const key = account.keys.find((one) => one.form === form)
  if (!key) throw new Error(`no key of form ${form}`)
  return key
}

/** A started simulator with one account, a race of two events, and a client that holds the account's first key. */
export async function setup(
  options: Omit<RunSignUpOptions, 'world'> & Partial<WorldOptions> & { participants?: number } = {},
) {
  const { seed, transferIds, participants = 30, clock: given, ...rest } = options
  const clock = (given as VirtualClock | undefined) ?? new VirtualClock(NOW)
  const place = world({ clock, seed: seed ?? 7, ...(transferIds && { transferIds }) })
  const account = place.addAccount()
  const race = place.addRace(account, { timezone: 'America/Chicago' })
  const start = '2026-05-02 07:30:00'
  const event = place.addEvent(race, { participants, startsAt: start, distance: '5K' })
  const other = place.addEvent(race, { participants: 10, startsAt: start, distance: '10K' })
  const sim = await startRunSignUp({ world: place, ...rest })

  const { key, secret } = keyOf(account, 'v1')
  const own = { format: 'json', api_key: key, api_secret: secret }
  const get = (path: string, query: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${sim.apiUrl}${path}?${new URLSearchParams({ ...own, ...query })}`, {
      redirect: 'manual',
      ...init,
    })
  const bare = (path: string, query: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${sim.apiUrl}${path}?${new URLSearchParams({ format: 'json', ...query })}`, init)
  const json = async (path: string, query: Record<string, string> = {}): Promise<Json> =>
    (await (await get(path, query)).json()) as Json
  const elements = (query: Record<string, string> = {}, of: Race = race, name = 'participants') =>
    json(`/race/${of.id}/${name}`, { event_id: event.id, ...query }) as unknown as Promise<Element[]>
  const rows = async (query: Record<string, string> = {}) =>
    (await elements(query)).flatMap((element) => element.participants ?? [])
  const removed = async (query: Record<string, string> = {}) =>
    (await elements(query, race, 'removed-participants')).flatMap(({ event: e }) => e.participants ?? [])
  const login = async (email = account.email, password = account.password) =>
    (await (
      await bare('/login', {}, { method: 'POST', body: new URLSearchParams({ email, password }) })
    ).json()) as JsonObject

  return {
    sim,
    clock,
    world: place,
    account,
    race,
    event,
    other,
    both: `${event.id},${other.id}`,
    get,
    bare,
    json,
    elements,
    rows,
    removed,
    login,
    [Symbol.asyncDispose]: () => sim.stop(),
  }
}

export type Setup = Awaited<ReturnType<typeof setup>>

/** The registration ids of rows. */
export function ids(rows: readonly JsonObject[]): string[] {
  return rows.map((row) => String(row.registration_id))
}

/** The code of an error answer; undefined for any other answer. */
export function codeOf(body: Json): Json | undefined {
  const error = (body as JsonObject | null)?.error as JsonObject | undefined
  return error?.error_code
}

/** The ids of the registrations that are in an event, ascending. */
export function registrationsOf(event: RaceEvent): string[] {
  return [...event.registrations.keys()].sort((a, b) => Number(a) - Number(b))
}
