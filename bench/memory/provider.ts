import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../src/domain/clock.ts'
import { startHaku, world } from '../../src/simulator/index.ts'

/**
 * A Haku whose one event has any number of registrations: the simulator answers all but the list, whose pages are made as
 * they are asked for. A process of its own, so that its memory is not the one that is measured.
 */

/** What the measured process needs to know. */
export interface Ready {
  apiUrl: string
  tokenUrl: string
  clientId: string
  secret: string
}

const PAGE = 500
const SECRET = 'a secret of the generated stream'
const rows = Number(process.argv[2])

const scene = world({ clock: systemClock, seed: 1 })
const organization = scene.addOrganization({ secret: SECRET })
const startsAt = new Date(systemClock.now() + 20 * 86_400_000).toISOString()
scene.addEvent(organization, { participants: PAGE, startsAt })
const haku = await startHaku({
  world: scene,
  traits: { pageCap: PAGE, participantsList: 'missing', registrationsList: 'whole' },
})

/** Records that the simulator wrote; every page is made of them. */
let templates: Record<string, unknown>[] | null = null
/** Every registration has a stamp of its own, newest first. */
const newest = systemClock.now() - 3_600_000

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error))
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  const apiUrl = haku.apiUrl.replace(/:\d+/, `:${port}`)
  const ready: Ready = { apiUrl, tokenUrl: haku.tokenUrl, clientId: organization.clientId, secret: SECRET }
  process.send?.(ready)
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const isList = url.pathname.endsWith('/registrations')
  if (isList && templates !== null) return send(response, pageOf(Number(url.searchParams.get('page') ?? 1)))
  // The size is the server's, whatever is asked for.
  if (isList) url.searchParams.set('per_page', String(PAGE))
  const headers = { authorization: request.headers.authorization ?? '' }
  const told = await fetch(new URL(`${url.pathname}${url.search}`, haku.apiUrl), { headers })
  const body: unknown = await told.json()
  if (isList && told.ok) templates = body as Record<string, unknown>[]
  send(response, templates !== null && isList ? pageOf(1) : body, told.status)
}

function pageOf(page: number): unknown[] {
  const first = (page - 1) * PAGE
  return (templates ?? []).slice(0, Math.max(0, Math.min(PAGE, rows - first))).map((record, i) => ({
    ...record,
    registration_number: `G-${String(first + i).padStart(8, '0')}`,
    updated_at: new Date(newest - (first + i) * 1_000).toISOString(),
  }))
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
