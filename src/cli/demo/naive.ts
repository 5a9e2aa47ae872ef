import type { JsonObject } from '../../domain/json.ts'
import type { Haku, InventoryCredential } from '../../simulator/index.ts'

/** What the naive way costs, counted in the provider's own log. */
export interface NaiveCount {
  /** Calls to find the events, for all credentials. */
  discovery: number
  /** Calls of one sync of each event, for all credentials that have it. */
  perSync: Map<string, number>
}

/** The largest page that Haku documents. */
const PER_PAGE = 25

/**
 * Walks the provider the way the legacy scripts did, once: a credential at a time, a new token for every sync, all
 * pages of the list, and one detail call a registration. Kinder than they were: every page is read, nothing is tried
 * twice. Nothing is stored; what it would cost to ask is all that is wanted.
 */
export async function walkNaively(
  haku: Haku,
  credentials: readonly InventoryCredential[],
  signal: AbortSignal,
): Promise<NaiveCount> {
  const count: NaiveCount = { discovery: 0, perSync: new Map() }
  for (const credential of credentials) {
    let before = haku.calls.last
    const token = await fetchToken(haku, credential, signal)
    const events = await readAll(haku, '/events?show_inactive=true', token, signal)
    count.discovery += haku.calls.last - before
    for (const { id } of events) {
      before = haku.calls.last
      await syncEvent(haku, credential, String(id), signal)
      const calls = haku.calls.last - before
      count.perSync.set(String(id), (count.perSync.get(String(id)) ?? 0) + calls)
    }
  }
  return count
}

async function syncEvent(
  haku: Haku,
  credential: InventoryCredential,
  eventId: string,
  signal: AbortSignal,
): Promise<void> {
  const token = await fetchToken(haku, credential, signal)
  const rows = await readAll(haku, `/events/${eventId}/participants?`, token, signal)
  for (const row of rows) {
    await get(haku, `/events/${eventId}/registrations/${String(row.registration_number)}`, token, signal)
  }
}

async function readAll(haku: Haku, path: string, token: string, signal: AbortSignal): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for (let page = 1; ; page++) {
    const rows = (await get(haku, `${path}&page=${page}&per_page=${PER_PAGE}`, token, signal)) as JsonObject[]
    all.push(...rows)
    if (rows.length < PER_PAGE) return all
  }
}

async function fetchToken(
  haku: Haku,
  { clientId, secret }: InventoryCredential,
  signal: AbortSignal,
): Promise<string> {
  const answer = await fetch(haku.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal,
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

async function get(haku: Haku, path: string, token: string, signal: AbortSignal): Promise<unknown> {
  const answer = await fetch(haku.apiUrl + path, { headers: { authorization: token }, signal })
  if (!answer.ok) throw new Error(`the simulated provider answered ${answer.status} to ${path}`)
  return answer.json()
}
