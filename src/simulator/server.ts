import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Recording } from '../domain/recording.ts'
import { Agenda } from './agenda.ts'
import { type Answer, refuse } from './answer.ts'
import { Api, type ApiRequest, tokenIn } from './api.ts'
import { type Call, CallLog } from './call-log.ts'
import { type FaultRule, Faults } from './faults.ts'
import { hakuForm } from './malformed.ts'
import type { Move } from './moves.ts'
import { Orderings } from './ordering.ts'
import { Play } from './play.ts'
import { throttled } from './quota.ts'
import { Rng } from './random.ts'
import { recordedTraits } from './recorded.ts'
import { routeOf } from './route.ts'
import { answerToken, type Presented, presented } from './token-endpoint.ts'
import { Tokens } from './tokens.ts'
import { defaultTraits, TraitBook, type Traits } from './traits.ts'
import { Transport } from './transport.ts'
import { type TrueEvent, truth } from './truth.ts'
import type { World } from './world.ts'

export interface HakuOptions {
  /** the world, which brings the clock */
  world: World
  traits?: Partial<Traits>
  /** answers in the shape of a recorded contact; `traits` come on top */
  recording?: Recording
  faults?: readonly FaultRule[]
  /** seed of what is not the world's: tokens, ties, faults that hit a share of calls; default 1 */
  seed?: number
}

/** Starts a simulated Haku on a free loopback port. */
export async function startHaku(options: HakuOptions): Promise<Haku> {
  const haku = new Haku(options)
  await haku.listen()
  return haku
}

/** A simulated Haku: token endpoint and API on one address (Haku API notes 1.2 to 1.4). */
export class Haku {
  readonly world: World
  readonly calls = new CallLog()
  readonly faults: Faults
  readonly #book: TraitBook
  readonly #agenda: Agenda<World, Call>
  readonly #tokens: Tokens
  readonly #api: Api
  readonly #play: Play
  readonly #transport: Transport
  readonly #server: Server
  readonly #stopped = new AbortController()

  constructor(options: HakuOptions) {
    const rng = new Rng(options.seed ?? 1)
    this.world = options.world
    const recorded = options.recording === undefined ? {} : recordedTraits(options.recording)
    this.#book = new TraitBook({ ...defaultTraits, ...recorded, ...options.traits })
    this.faults = new Faults(rng.fork(), options.faults)
    this.#agenda = new Agenda(this.world)
    this.#tokens = new Tokens(rng.fork())
    this.#api = new Api(this.world, this.#tokens, new Orderings(rng.fork()))
    this.#transport = new Transport(this.world.clock)
    this.#play = new Play(this.world.clock, this.#transport, this.#stopped.signal)
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        response.destroy()
        throw error
      })
    })
  }

  /** Base address of the API, without a trailing slash. */
  get apiUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get tokenUrl(): string {
    return `${this.apiUrl}/oauth2/token`
  }

  /** The traits for everybody; set its fields at will. */
  get traits(): Traits {
    return this.#book.base
  }

  /** The traits that differ for one client id or event id; set its fields at will. The event's word comes first. */
  traitsOf(id: string): Partial<Traits> {
    return this.#book.overlay(id)
  }

  /** Has `move` happen before call number `n` (1 is the first ever) is answered. */
  atCall(n: number, move: Move): void {
    this.#agenda.before((call) => call.n >= n, move)
  }

  /** Has `move` happen before page `page` of an event's list is next answered. */
  atPage(eventId: string, page: number, move: Move): void {
    const lists = ['participants', 'registrations']
    this.#agenda.before(
      (c) => c.eventId === eventId && (c.page ?? 1) === page && lists.includes(c.endpoint),
      move,
    )
  }

  /** Has `move` happen at an instant (epoch ms of the world's clock), stamped with it. */
  at(instant: number, move: Move): void {
    this.#agenda.at(instant, move)
  }

  /** Makes the access tokens of all, or of one client id, worthless. */
  revokeTokens(clientId?: string): void {
    this.#tokens.revoke(clientId)
  }

  /** Everything the provider knows by event id, planned moves whose time has come included. */
  truth(): Map<string, TrueEvent> {
    this.#agenda.catchUp()
    return truth(this.world, this.#book)
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** Cuts every connection and frees the port. */
  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {})
    let body = ''
    try {
      request.setEncoding('utf8')
      for await (const chunk of request) body += chunk
    } catch {
      return
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const authorization = request.headers.authorization
    const credentials = url.pathname === '/oauth2/token' ? presented(authorization, body) : null
    const call = this.#note(request, url, credentials)
    this.#agenda.meet(call)
    const asked: ApiRequest = {
      route: routeOf(url.pathname),
      query: url.searchParams,
      authorization,
      traits: this.#book.effective(call.client, call.eventId),
    }
    const picked = this.faults.pick(call)
    await this.#play.answer(response, call, picked, {
      answer: () => this.#answer(call, asked, credentials),
      foreign: (eventId) => this.#foreign(call, asked, eventId),
      refuse: (status, headers) =>
        refuse(status, status === 429 ? 'Too Many Requests' : 'Something went wrong', headers),
      revoke: () => this.#tokens.revoke(call.client ?? undefined),
      form: hakuForm,
    })
  }

  /** The list of the given event, or of another one of the organization that has rows. */
  #foreign(call: Call, asked: ApiRequest, eventId: string | undefined): Answer | null {
    if (call.endpoint === 'events') return null
    const clientId = this.world.events.get(call.eventId ?? '')?.clientId ?? ''
    const other =
      eventId === undefined
        ? this.world.eventsOf(clientId).find((e) => e.id !== call.eventId && e.registrations.size > 0)
        : this.world.event(eventId)
    return other ? this.#api.list(other, asked) : null
  }

  #note(request: IncomingMessage, url: URL, credentials: Presented | null): Call {
    const route = routeOf(url.pathname)
    const found = tokenIn(request.headers.authorization)
    const number = (name: string) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : null)
    return this.calls.add({
      at: this.world.clock.now(),
      endpoint: route.endpoint,
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      eventId: route.eventId,
      number: route.number,
      page: number('page'),
      perPage: number('per_page'),
      client: credentials ? credentials.clientId : found && this.#tokens.owner(found.token),
      authorization: found?.form ?? (request.headers.authorization ? 'basic' : 'none'),
      status: null,
      fault: null,
      rows: null,
    })
  }

  #answer(call: Call, asked: ApiRequest, credentials: Presented | null): Answer {
    const { route, traits } = asked
    if (route.endpoint === 'other') return refuse(404, 'Not Found')
    if (call.method !== route.method) return refuse(405, 'Method Not Allowed', { Allow: route.method })
    const now = this.world.clock.now()
    const quota = throttled(
      traits.quota,
      call.client === null ? 0 : this.calls.recent(call.client, call.at),
      now,
    )
    if (quota.refusal) return quota.refusal
    const answer = credentials
      ? answerToken(this.world, this.#tokens, traits, credentials)
      : this.#api.answer(asked)
    return { ...answer, headers: { ...answer.headers, ...quota.headers } }
  }
}
