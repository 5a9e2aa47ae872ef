import { VirtualClock } from '../../src/domain/clock.ts'
import type { Json, JsonObject } from '../../src/domain/json.ts'
import {
  type HakuOptions,
  type RaceEvent,
  startHaku,
  type WorldOptions,
  world,
} from '../../src/simulator/index.ts'

export const NOW = '2026-04-01T12:00:00.250Z'
export const HOUR = 3_600_000

/** A started simulator with one organization and one event, and a client that holds a token. */
export async function setup(
  options: Omit<HakuOptions, 'world'> & Partial<WorldOptions> & { participants?: number } = {},
) {
  const { seed, numbering, participants = 60, clock: given, ...haku } = options
  const clock = (given as VirtualClock | undefined) ?? new VirtualClock(NOW)
  const place = world({ clock, seed: seed ?? 7, ...(numbering && { numbering }) })
  const organization = place.addOrganization({ timezone: 'America/Denver' })
  const event = place.addEvent(organization, { participants, startsAt: '2026-05-02 07:00:00' })
  const sim = await startHaku({ world: place, ...haku })
  let token = await fetchToken(sim.tokenUrl, organization.clientId, organization.secrets[0] as string)

  const get = (path: string, authorization = token, init: RequestInit = {}) =>
    fetch(sim.apiUrl + path, { redirect: 'manual', ...init, headers: { authorization } })
  const json = async (path: string): Promise<Json> => (await (await get(path)).json()) as Json
  const list = (page: number, query = '', of: RaceEvent = event, name = 'participants') =>
    json(
      `/events/${of.id}/${name}?page=${page}&sort_column=updated_at&sort_direction=desc${query}`,
    ) as Promise<JsonObject[]>
  const detail = (number: string, of: RaceEvent = event) =>
    json(`/events/${of.id}/registrations/${number}`) as Promise<JsonObject>

  return {
    sim,
    clock,
    world: place,
    organization,
    event,
    get,
    json,
    list,
    detail,
    token: () => token,
    async renewToken() {
      token = await fetchToken(sim.tokenUrl, organization.clientId, organization.secrets[0] as string)
    },
    [Symbol.asyncDispose]: () => sim.stop(),
  }
}

export function tokenRequest(url: string, clientId: string, secret: string, grant = 'client_credentials') {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: grant }),
  })
}

async function fetchToken(url: string, clientId: string, secret: string): Promise<string> {
  const answer = (await (await tokenRequest(url, clientId, secret)).json()) as { access_token: string }
  return answer.access_token
}

/** The registration numbers on a page. */
export function numbers(rows: readonly JsonObject[]): string[] {
  return rows.map((row) => String(row.registration_number))
}
