import type { Json, JsonObject } from '../domain/json.ts'
import { type Answer, refuse } from './answer.ts'
import type { Order, Orderings } from './ordering.ts'
import { answerPage } from './pages.ts'
import { renderDetail, renderEvent, renderRow, renderWhole } from './render.ts'
import type { Route } from './route.ts'
import type { Tokens } from './tokens.ts'
import type { Traits } from './traits.ts'
import type { RaceEvent, World } from './world.ts'

/** An API request whose route is known. */
export interface ApiRequest {
  route: Route
  query: URLSearchParams
  authorization: string | undefined
  traits: Traits
}

/** The token in an Authorization header and how it stands there. */
export function tokenIn(header: string | undefined): { token: string; form: 'bare' | 'bearer' } | null {
  if (!header || /^Basic\s/i.test(header)) return null
  const bearer = /^Bearer\s+(\S+)$/i.exec(header)
  return bearer ? { token: bearer[1] as string, form: 'bearer' } : { token: header.trim(), form: 'bare' }
}

/** The API behind the token check: events, lists, single reads (Haku API notes 1.3). */
export class Api {
  readonly #world: World
  readonly #tokens: Tokens
  readonly #orderings: Orderings

  constructor(world: World, tokens: Tokens, orderings: Orderings) {
    this.#world = world
    this.#tokens = tokens
    this.#orderings = orderings
  }

  answer(request: ApiRequest): Answer {
    const found = tokenIn(request.authorization)
    const { traits, route } = request
    if (!found || (traits.authorization !== 'both' && traits.authorization !== found.form))
      return refuse(401, 'Unauthorized')
    const refusal = this.#tokens.refusal(found.token, this.#world.clock.now())
    if (refusal) return refuse(401, refusal)
    const clientId = this.#tokens.owner(found.token) as string
    if (route.endpoint === 'events') return this.#events(clientId, request)
    const event = this.#world.events.get(route.eventId ?? '')
    if (!event || event.deleted) return refuse(404, 'Event not found')
    if (event.clientId !== clientId) return refuse(403, 'Forbidden')
    return route.endpoint === 'detail' ? this.#detail(event, request) : this.list(event, request)
  }

  /** A page of an event's list, without asking whether the client may see it. */
  list(event: RaceEvent, { route, query, traits }: ApiRequest): Answer {
    const name = route.endpoint === 'registrations' ? 'registrations' : 'participants'
    const form = name === 'registrations' ? traits.registrationsList : traits.participantsList
    if (form === 'missing') return refuse(404, 'Not Found')
    const rows = this.#orderings.of(event, orderOf(query, traits))
    const place = { traits, event, organization: this.#world.organization(event.clientId) }
    const render = form === 'whole' ? renderWhole : renderRow
    return answerPage(traits, query, {
      name,
      total: rows.length,
      rows: (from, to) => rows.slice(from, to).map((registration) => render(registration, place)),
    })
  }

  #detail(event: RaceEvent, { route, traits }: ApiRequest): Answer {
    const registration = event.registrations.get(route.number ?? '')
    if (!registration || traits.detail === 'missing') return refuse(404, 'Registration not found')
    const place = { traits, event, organization: this.#world.organization(event.clientId) }
    const record: Json = renderDetail(registration, place)
    return { status: 200, headers: {}, rows: [record], wrap: (rows) => rows[0] as Json, list: false }
  }

  #events(clientId: string, { query, traits }: ApiRequest): Answer {
    const organization = this.#world.organization(clientId)
    const events = this.#world
      .eventsOf(clientId)
      .filter((event) => !event.inactive || query.get('show_inactive') === 'true')
    const byDate = query.get('sort_column') === 'event_date' && traits.sort === 'honoured'
    const sign = query.get('sort_direction') === 'desc' ? -1 : 1
    if (byDate) events.sort((a, b) => sign * (startOf(a) - startOf(b)) || (a.id < b.id ? -1 : 1))
    else events.sort((a, b) => (a.id < b.id ? -1 : 1))
    const render = (event: RaceEvent): JsonObject => renderEvent({ traits, organization, event })
    return answerPage(traits, query, {
      name: 'events',
      total: events.length,
      rows: (from, to) => events.slice(from, to).map(render),
    })
  }
}

const startOf = (event: RaceEvent): number => event.startsAt ?? 0

function orderOf(query: URLSearchParams, traits: Traits): Order {
  const honoured = traits.sort === 'honoured'
  return {
    by: honoured && query.get('sort_column') === 'updated_at' ? 'updated' : 'number',
    descending: honoured && query.get('sort_direction') === 'desc',
    ties: traits.ties,
  }
}
