import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { Json, JsonObject } from '../../domain/json.ts'
import { jsonbSafe } from '../../domain/text.ts'
import { createHttp, type HttpAnswer, type Meter } from '../http.ts'
import type { Connection, DetailAnswer, EventsPage, ListPage, LongList, PageRequest } from '../provider.ts'
import { isObject } from '../records.ts'
import { otherVersionOf } from './asked.ts'
import { readList } from './envelope.ts'
import { toEventRows } from './event.ts'
import { listLearning } from './learning.ts'
import { toListRows } from './list-rows.ts'
import { haku } from './provider.ts'
import { type ApiCall, openSession, type Session, segment } from './session.ts'
import { type AccessToken, hakuTokens, type Secret, type TokenStore } from './token.ts'
import { type HakuTraits, type ListName, readTraits, traitsJson } from './traits.ts'

export interface ConnectHakuOptions {
  /** without a slash at its end */
  apiUrl: string
  tokenUrl: string
  clientId: string
  /** secrets of the timing partners that share this client id, tried in this order */
  secrets: readonly Secret[]
  clock: Clock
  /** asked before every attempt, token calls included */
  meter: Meter
  tokens: TokenStore
  /** what `onTraits` last gave; null or {} at first */
  traits?: JsonObject | null
  /** keeps what was learnt of the account */
  onTraits?: (traits: JsonObject) => Promise<void> | void
  /** the provider refused this credential's secret: pause it (S1) */
  onRefused?: (credentialId: number) => Promise<void> | void
  /** this credential's own secret has obtained a token (S1) */
  onProven?: (credentialId: number) => Promise<void> | void
  fetch?: typeof fetch
  /** longest an attempt may take, ms */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface HakuConnection extends Connection {
  /** Obtains a token with this very secret (S1): one call. @throws StartlistError `CREDENTIAL_REFUSED` */
  prove(secret: Secret): Promise<AccessToken>
  /** Pages of another size, the other header form, the other version of the address. */
  askOtherwise(longList: LongList | null): (() => Promise<unknown>)[]
  /** What is known of the account. */
  readonly traits: HakuTraits
}

/** One page of a list as it was answered, and with which page size. */
export interface RawPage {
  records: Json[]
  total: number | null
  date: number
  perPage: number
}

/** Opens a line to one Haku account (Haku API notes 1.2, 1.3). No call is made before the first method. */
export function connectHaku(options: ConnectHakuOptions): HakuConnection {
  const { clock } = options
  let traits = readTraits(options.traits ?? {})
  const keep = async (next: HakuTraits): Promise<void> => {
    if (JSON.stringify(next) === JSON.stringify(traits)) return
    traits = next
    await options.onTraits?.(traitsJson(next))
  }
  const http = createHttp(options)
  const tokens = hakuTokens({ ...options, http })
  const session = openSession({
    apiUrl: options.apiUrl,
    http,
    tokens,
    clock,
    headerForm: () => traits.headerForm,
    onHeaderForm: (headerForm) => keep({ ...traits, headerForm }),
  })

  const rawPage = (call: ApiCall, answer: HttpAnswer, perPage: number): RawPage => {
    const { records, total } = readList(answer.json, call.purpose === 'events' ? 'events' : 'participants')
    return { records, total, date: answer.date ?? clock.now(), perPage }
  }

  /** A page of a list; null for 404, 405 and 410. A page size refused with 422 is stepped down, and kept (W3). */
  async function askList(call: ApiCall, request: PageRequest): Promise<RawPage | null> {
    for (let perPage = request.perPage; ; ) {
      const answer = await session.get({
        ...call,
        query: { ...paging(request.page, perPage), ...call.query },
      })
      if (isMissing(answer)) return null
      if (answer.status < 300) {
        const page = rawPage(call, answer, perPage)
        if (perPage < request.perPage) await keep({ ...traits, askPageSize: perPage })
        return page
      }
      const smaller = haku.capabilities.smallerPageSizes.find((size) => size < perPage)
      if (answer.status !== 422 || smaller === undefined) throw unexpected(call, answer)
      perPage = smaller
    }
  }

  const listOf = (list: ListName, eventId: string): ApiCall => ({
    path: `/events/${segment(eventId)}/${list}`,
    query: { sort_column: 'updated_at', sort_direction: 'desc' },
    purpose: 'list',
    eventId,
  })

  const learning = listLearning({
    clock,
    traits: () => traits,
    keep,
    ask: (list, eventId, request, purpose) => askList({ ...listOf(list, eventId), purpose }, request),
    async probe(list, eventId, page) {
      const call: ApiCall = { ...listOf(list, eventId), purpose: 'probe' }
      const answer = await session.probe({ ...call, query: { ...paging(1, page.perPage), ...call.query } })
      if (isMissing(answer)) return 'missing'
      return answer.status < 300 ? rawPage(call, answer, page.perPage) : null
    },
  })

  return {
    get traits() {
      return traits
    },
    get needsDetail() {
      return traits.list !== 'registrations'
    },
    get askPageSize() {
      return traits.askPageSize ?? haku.capabilities.askPageSize
    },
    get askEventsPageSize() {
      return traits.askPageSize ?? haku.capabilities.askEventsPageSize
    },
    prove: (secret) => tokens.prove(secret),
    askOtherwise: (longList) => otherWays(session, traits, options.apiUrl, longList),

    async listEvents(request): Promise<EventsPage> {
      const query = { sort_column: 'event_date', sort_direction: 'desc', show_inactive: 'true' }
      const page = await askList({ path: '/events', query, purpose: 'events' }, request)
      if (page === null) throw notFound('/events', 'Check HAKU_API_URL in startlist config.')
      const rows = toEventRows(page.records)
      const keys = rows.events.map((event) => event.eventId)
      return { ...rows, keys, length: page.records.length, date: page.date }
    },

    async listParticipants(eventId, request): Promise<ListPage> {
      const page = await learning.page(eventId, request)
      if (page === null) throw notFound(listOf('participants', eventId).path)
      const { records, total, date } = page
      return { ...toListRows(records), length: records.length, total, date }
    },

    async readDetail(eventId, key, purpose = 'detail'): Promise<DetailAnswer> {
      const path = `/events/${segment(eventId)}/registrations/${segment(key)}`
      const call: ApiCall = { path, purpose, eventId }
      const answer = await session.get(call)
      if (answer.status === 404 || answer.status === 410) return { found: false }
      if (answer.status >= 300) throw unexpected(call, answer)
      return { found: true, record: readDetailRecord(answer.json, key, path) }
    },
  }
}

/** The longest page that anybody claims (Haku API notes 1.5). */
const LONGEST_PAGE = 500

/** Longer pages, the other header form, the other version of the address (Haku API notes 1.7). */
function otherWays(
  session: Session,
  { headerForm }: HakuTraits,
  apiUrl: string,
  longList: LongList | null,
): (() => Promise<unknown>)[] {
  const events: ApiCall = { path: '/events', query: paging(1, 1), purpose: 'probe' }
  const form = headerForm === 'bearer' ? 'bare' : 'bearer'
  const large = longList === null ? [] : beyond(longList)
  const calls = [...large, { ...events, form } as const, { ...events, apiUrl: otherVersionOf(apiUrl) }]
  return calls.map((call) => () => session.probe(call))
}

/** What shows how long a page may be: that more rows follow, and where a page was as long as asked for, a longer one. */
function beyond({ listId, rows, perPage }: LongList): ApiCall[] {
  const longer = rows < perPage ? [] : [paging(1, LONGEST_PAGE)]
  return [paging(2, perPage), ...longer].map((page) => ({
    path: `/events/${segment(listId)}/participants`,
    query: { ...page, sort_column: 'updated_at', sort_direction: 'desc' },
    purpose: 'probe',
    eventId: listId,
  }))
}

function paging(page: number, perPage: number): Record<string, string> {
  return { page: String(page), per_page: String(perPage) }
}

function isMissing({ status }: HttpAnswer): boolean {
  return status === 404 || status === 405 || status === 410
}

function notFound(path: string, hint?: string): StartlistError {
  const details = { status: 404, ...(hint !== undefined && { hint }) }
  return new StartlistError('NOT_FOUND', `GET ${path}: the provider does not know this address`, details)
}

function unexpected({ path }: ApiCall, { status }: HttpAnswer): StartlistError {
  return new StartlistError('BAD_SHAPE', `GET ${path}: ${status}, which the API has no reason to answer`, {
    status,
  })
}

/**
 * The record of a single read: as such, or alone in an envelope. It must be of the registration that was asked for:
 * somebody else's birth date under this number would be worse than none.
 */
function readDetailRecord(json: Json, key: string, path: string): JsonObject {
  const wrapped = isObject(json)
    ? [json, json.registration, json.data]
    : Array.isArray(json) && json.length === 1
      ? json
      : []
  const record = wrapped.filter(isObject).find(isRegistration)
  if (record === undefined)
    throw new StartlistError('BAD_SHAPE', `GET ${path}: the answer is no registration`)
  const number = record.registration_number ?? null
  if (number !== null && String(number).trim() !== key) {
    throw new StartlistError('BAD_SHAPE', `GET ${path}: the answer is of another registration`)
  }
  return jsonbSafe(record) as JsonObject
}

function isRegistration(record: JsonObject): boolean {
  return (
    'registration_number' in record || isObject(record.participant) || Array.isArray(record.event_categories)
  )
}
