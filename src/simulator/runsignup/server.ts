import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Recording } from '../../domain/recording.ts'
import { Agenda } from '../agenda.ts'
import type { Answer } from '../answer.ts'
import { CallLog } from '../call-log.ts'
import { type FaultRule, Faults } from '../faults.ts'
import { Play } from '../play.ts'
import { Rng } from '../random.ts'
import { TraitBook } from '../traits.ts'
import { Transport } from '../transport.ts'
import { Api, type ApiRequest } from './api.ts'
import type { Call } from './call.ts'
import { failure, throttled } from './errors.ts'
import { Logins } from './logins.ts'
import type { Move } from './moves.ts'
import { type AuthForm, presented, SECRET_PARAMETERS } from './presented.ts'
import { recordForm } from './record-form.ts'
import { recordedTraits } from './recorded.ts'
import { type Route, routeOf } from './route.ts'
import { defaultTraits, type Traits } from './traits.ts'
import { type TrueEvent, truth } from './truth.ts'
import type { World } from './world.ts'
import { xml } from './xml.ts'

export interface RunSignUpOptions {
  /** the world, which brings the clock */
  world: World
  traits?: Partial<Traits>
  /** answers in the shape of a recorded contact; `traits` come on top */
  recording?: Recording
  faults?: readonly FaultRule<Call>[]
  /** seed of what is not the world's: logins, faults that hit a share of calls; default 1 */
  seed?: number
}

/** Starts a simulated RunSignUp on a free loopback port. */
export async function startRunSignUp(options: RunSignUpOptions): Promise<RunSignUp> {
  const runSignUp = new RunSignUp(options)
  await runSignUp.listen()
  return runSignUp
}

/** A simulated RunSignUp, or Race Entry, which speaks its dialect (RunSignUp API notes 2.1 to 2.9). */
export class RunSignUp {
  readonly world: World
  readonly calls = new CallLog<Call>()
  readonly faults: Faults<Call>
  readonly #book: TraitBook<Traits>
  readonly #agenda: Agenda<World, Call>
  readonly #logins: Logins
  readonly #api: Api
  readonly #play: Play
  readonly #server: Server
  readonly #stopped = new AbortController()
  /** calls under way by account */
  readonly #underWay = new Map<string, number>()

  constructor(options: RunSignUpOptions) {
    const rng = new Rng(options.seed ?? 1)
    this.world = options.world
    const recorded = options.recording === undefined ? {} : recordedTraits(options.recording)
    this.#book = new TraitBook({ ...defaultTraits, ...recorded, ...options.traits })
    this.faults = new Faults<Call>(rng.fork(), options.faults)
    this.#agenda = new Agenda(this.world)
    this.#logins = new Logins(rng.fork())
    this.#api = new Api(this.world, this.#logins)
    const { clock } = this.world
    this.#play = new Play(clock, new Transport(clock), this.#stopped.signal)
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        response.destroy()
        throw error
      })
    })
  }

  /** Base address of the API, without a trailing slash. */
  get apiUrl(): string {
    const base = this.traits.dialect === 'raceentry' ? 'rest' : 'Rest'
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${base}`
  }

  /** The traits for everybody; set its fields at will. */
  get traits(): Traits {
    return this.#book.base
  }

  /** The traits that differ for one account id or race id; set its fields at will. The race's word comes first. */
  traitsOf(id: string): Partial<Traits> {
    return this.#book.overlay(id)
  }

  /** Has `move` happen before call number `n` (1 is the first ever) is answered. */
  atCall(n: number, move: Move): void {
    this.#agenda.before((call) => call.n >= n, move)
  }

  /** Has `move` happen before page `page` of a list of participants is next answered that this event is part of. */
  atPage(eventId: string, page: number, move: Move): void {
    this.#agenda.before(
      (call) =>
        call.endpoint === 'participants' &&
        (call.page ?? 1) === page &&
        call.eventId?.split(',').includes(eventId) === true,
      move,
    )
  }

  /** Has `move` happen at an instant (epoch ms of the world's clock), stamped with it. */
  at(instant: number, move: Move): void {
    this.#agenda.at(instant, move)
  }

  /** Ends the logins of all, or of one account. */
  endLogins(accountId?: string): void {
    this.#logins.end(accountId)
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
    const form = new URLSearchParams(body)
    const secret = request.headers['x-rsu-api-secret']
    const found = presented(url.searchParams, [secret].flat()[0], this.world, this.#logins)
    const email = form.get('email') ?? url.searchParams.get('email')
    const account = this.world.accounts.values().find((one) => one.email === email)
    const route = routeOf(url.pathname)
    const client = route.endpoint === 'login' ? (account?.id ?? null) : found.accountId
    if (client !== null) this.#count(client, response)
    const call = this.#note(request, url, { route, client, authorization: found.form })
    this.#agenda.meet(call)
    const traits = this.#book.effective(client, route.raceId)
    const asked: ApiRequest = { route, query: url.searchParams, form, presented: found, traits }
    await this.#play.answer(response, call, this.faults.pick(call), {
      answer: () => this.#answer(call, asked),
      foreign: (eventId) => this.#foreign(call, asked, eventId),
      refuse: (status, headers = {}, code = 4) =>
        status === 429 ? throttled(traits, headers) : failure(code, traits, { status, headers }),
      revoke: () => this.#logins.end(client ?? undefined),
      form: recordForm,
    })
  }

  /** Counts a call of the account as under way until its answer has left or its connection is gone. */
  #count(accountId: string, response: ServerResponse): void {
    const change = (by: number) => this.#underWay.set(accountId, (this.#underWay.get(accountId) ?? 0) + by)
    change(1)
    response.once('close', () => change(-1))
  }

  #note(
    request: IncomingMessage,
    url: URL,
    about: { route: Route; client: string | null; authorization: AuthForm },
  ): Call {
    const { route, client, authorization } = about
    const query = Object.entries(Object.fromEntries(url.searchParams))
    const number = (name: string) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : null)
    return this.calls.add({
      at: this.world.clock.now(),
      endpoint: route.endpoint,
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(query.filter(([name]) => !SECRET_PARAMETERS.includes(name))),
      raceId: route.raceId,
      eventId: url.searchParams.get('event_id'),
      page: number('page'),
      perPage: number('results_per_page'),
      client,
      authorization,
      underWay: client === null ? 0 : (this.#underWay.get(client) ?? 0),
      status: null,
      fault: null,
      rows: null,
    })
  }

  #answer(call: Call, asked: ApiRequest): Answer {
    const answer = this.#honest(call, asked)
    if (asked.query.get('format') === 'json') return answer
    return { ...answer, headers: { ...answer.headers, 'Content-Type': 'text/xml' }, write: xml }
  }

  #honest(call: Call, asked: ApiRequest): Answer {
    const { route, traits } = asked
    if (route.endpoint === 'other') return failure(1, traits)
    if (call.method !== route.method) return failure(2, traits)
    const used = call.client === null ? 0 : this.calls.recent(call.client, call.at)
    if (traits.quota !== null && used > traits.quota) return throttled(traits)
    if (traits.concurrent !== null && call.underWay > traits.concurrent) return throttled(traits)
    return this.#api.answer(asked)
  }

  /** The list of the given event, or of another race of the account that has rows. */
  #foreign(call: Call, asked: ApiRequest, eventId: string | undefined): Answer | null {
    if (call.endpoint !== 'participants' && call.endpoint !== 'removed') return null
    const events = [...this.world.events.values()].filter((e) => !e.deleted && e.registrations.size > 0)
    const other = events.find((event) =>
      eventId === undefined
        ? event.raceId !== call.raceId && this.world.race(event.raceId).accountId === call.client
        : event.id === eventId,
    )
    if (!other) return null
    const query = new URLSearchParams(asked.query)
    query.set('event_id', other.id)
    return this.#api.list(this.world.race(other.raceId), { ...asked, query })
  }
}
