import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Secret } from '../connect.ts'
import { createHttp, type HttpAnswer, type Meter } from '../http.ts'
import { INVALID_PARAMETERS, RunSignUpRefusal } from './errors.ts'
import { DEFAULT_INCLUDES, type Include } from './includes.ts'
import { type RegistrationRow, type RegistrationRows, toRegistrationRows } from './participants.ts'
import { type RaceRows, toRaces } from './races.ts'
import { participantsCall, type RegistrationsRequest, removedCall, singleCall } from './registrations-call.ts'
import { type RemovedRows, toRemovedRows } from './removed.ts'
import { type ApiCall, sender } from './request.ts'
import { openSession } from './session.ts'
import { type RunSignUpTraits, readTraits, traitsJson } from './traits.ts'

export interface ConnectRunSignUpOptions {
  /** without a slash at its end */
  apiUrl: string
  apiKey: string
  /** secrets of the timing partners that share this key, tried in this order */
  secrets: readonly Secret[]
  clock: Clock
  /** asked before every attempt */
  meter: Meter
  /** what `onTraits` last gave; null or {} at first */
  traits?: JsonObject | null
  /** keeps what was learnt of the account */
  onTraits?: (traits: JsonObject) => Promise<void> | void
  /** the provider refused this credential's secret: pause it (S1) */
  onRefused?: (credentialId: number) => Promise<void> | void
  /** this credential's own secret has listed the account's own races (S1) */
  onProven?: (credentialId: number) => Promise<void> | void
  /** parts of a registration to ask for */
  includes?: readonly Include[]
  fetch?: typeof fetch
  /** longest an attempt may take, ms */
  timeoutMs?: number
  signal?: AbortSignal
}

/** A page of a list; pages are numbered from 1. */
export interface RacesRequest {
  page: number
  perPage: number
}

/** How a page was answered. */
export interface Answered {
  /** the response's `Date` in ms since the epoch; our own clock at arrival when the header is missing (W7) */
  date: number
  /** the page size that was taken: less than asked for when that was refused */
  perPage: number
}

/**
 * An open line to one account. A list method makes one call; the first of all also those that prove the key, and the
 * first in a size that is refused one for each smaller size. All throw `StartlistError` by class.
 */
export interface RunSignUpConnection {
  /** One page of the account's races with their coming events. */
  listRaces(request: RacesRequest): Promise<RaceRows & Answered>
  /**
   * One page of the registrations of up to `MAX_EVENTS` events of a race, lowest number first.
   * @throws StartlistError `NOT_FOUND`, `FORBIDDEN` when race or event is not there, or not this account's
   */
  listParticipants(
    raceId: string,
    eventIds: readonly string[],
    request: RegistrationsRequest,
  ): Promise<RegistrationRows & Answered>
  /**
   * One registration by its number, among those of these events; null when it is not there: one call.
   * @throws StartlistError `BAD_SHAPE` when others come instead, so that nothing can be told
   */
  readRegistration(
    raceId: string,
    eventIds: readonly string[],
    key: string,
    purpose: 'detail' | 'removal-check',
  ): Promise<RegistrationRow | null>
  /** One page of what is no longer among the registrations of these events; belongs with {@link listParticipants}. */
  listRemoved(
    raceId: string,
    eventIds: readonly string[],
    request: RegistrationsRequest,
  ): Promise<RemovedRows & Answered>
  /**
   * Shows that this very secret opens the account and no more (S1).
   * @throws StartlistError `CREDENTIAL_REFUSED`; `FORBIDDEN` for a key that lists no race
   */
  prove(secret: Secret): Promise<void>
  /** What is known of the account. */
  readonly traits: RunSignUpTraits
  /** The page sizes to ask for: the largest, or what refusals stepped them down to. */
  readonly racesPerPage: number
  readonly registrationsPerPage: number
}

/** Page sizes, the provider's largest first (RunSignUp API notes 2.2, 2.4). */
const RACE_PAGES = [1000, 500, 250, 50] as const
const REGISTRATION_PAGES = [2500, 1000, 500, 250, 50] as const

/** Opens a line to one RunSignUp account. No call is made before the first method. */
export function connectRunSignUp(options: ConnectRunSignUpOptions): RunSignUpConnection {
  const { clock, includes = DEFAULT_INCLUDES } = options
  let traits = readTraits(options.traits ?? {})
  const keep = async (part: Partial<RunSignUpTraits>): Promise<void> => {
    traits = { ...traits, ...part }
    await options.onTraits?.(traitsJson(traits))
  }
  const session = openSession({
    send: sender({ apiUrl: options.apiUrl, apiKey: options.apiKey, http: createHttp(options), clock }),
    secrets: options.secrets,
    keyForm: () => traits.keyForm,
    onKeyForm: (keyForm) => keep({ keyForm }),
    ...(options.onRefused && { onRefused: options.onRefused }),
    ...(options.onProven && { onProven: options.onProven }),
  })

  /** A page, in the largest size up to `perPage` that is not refused; a smaller one is kept (W3). */
  async function page<Rows>(
    call: ApiCall,
    request: RacesRequest,
    sizes: { trait: 'racesPerPage' | 'registrationsPerPage'; smaller: readonly number[] },
    read: (json: HttpAnswer['json']) => Rows,
  ): Promise<Rows & Answered> {
    for (let perPage = request.perPage; ; ) {
      const paging = { page: String(request.page), results_per_page: String(perPage) }
      try {
        const answer = await session.get({ ...call, query: { ...call.query, ...paging } })
        if (perPage < request.perPage) await keep({ [sizes.trait]: perPage })
        return { ...read(answer.json), date: answer.date ?? clock.now(), perPage }
      } catch (error) {
        const next = sizes.smaller.find((size) => size < perPage)
        const isTooLarge = error instanceof RunSignUpRefusal && error.apiCode === INVALID_PARAMETERS
        if (!isTooLarge || next === undefined) throw error
        perPage = next
      }
    }
  }

  const registrationPages = { trait: 'registrationsPerPage', smaller: REGISTRATION_PAGES } as const

  return {
    get traits() {
      return traits
    },
    get racesPerPage() {
      return traits.racesPerPage ?? RACE_PAGES[0]
    },
    get registrationsPerPage() {
      return traits.registrationsPerPage ?? REGISTRATION_PAGES[0]
    },
    prove: (secret) => session.prove(secret),

    listRaces: (request) =>
      page(
        // A race is used again year after year; what was raced in others is not asked for (RunSignUp API notes 2.3).
        { path: '/races', query: { events: 'T', future_events_only: 'T' }, purpose: 'events' },
        request,
        { trait: 'racesPerPage', smaller: RACE_PAGES },
        toRaces,
      ),

    listParticipants: async (raceId, eventIds, request) =>
      page(
        participantsCall(raceId, eventIds, request, includes),
        request,
        registrationPages,
        toRegistrationRows,
      ),

    async readRegistration(raceId, eventIds, key, purpose) {
      const call = singleCall(raceId, eventIds, key, purpose, includes)
      const { rows } = toRegistrationRows((await session.get(call)).json)
      const row = rows.find((one) => one.key === key)
      if (row === undefined && rows.length > 0)
        throw new StartlistError('BAD_SHAPE', `GET ${call.path}: others than the one that was asked for`)
      return row ?? null
    },

    listRemoved: async (raceId, eventIds, request) =>
      page(removedCall(raceId, eventIds, request), request, registrationPages, toRemovedRows),
  }
}
