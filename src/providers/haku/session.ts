import type { CallPurpose } from '../../domain/account.ts'
import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { Http, HttpAnswer } from '../http.ts'
import type { AccessToken, Tokens } from './token.ts'
import type { HeaderForm } from './traits.ts'

/** One GET of the API. */
export interface ApiCall {
  /** below the API's base address, with ids encoded */
  path: string
  query?: Record<string, string>
  purpose: CallPurpose
  eventId?: string | null
  /** instead of the API's own */
  apiUrl?: string
  /** instead of the one that works */
  form?: HeaderForm
}

/** Calls of the API in the account's name. */
export interface Session {
  /**
   * A call with whatever token and header form it takes.
   * @returns any answer but 401 and 403
   * @throws StartlistError `TOKEN_REFUSED`, `FORBIDDEN`, and what `http.ts` throws
   */
  get(call: ApiCall): Promise<HttpAnswer>
  /** One attempt with what worked last, any status returned: for a call that may fail without harm. */
  probe(call: ApiCall): Promise<HttpAnswer>
}

export interface SessionOptions {
  apiUrl: string
  http: Http
  tokens: Tokens
  clock: Clock
  /** the header form that has worked; null before the first success */
  headerForm: () => HeaderForm | null
  onHeaderForm: (form: HeaderForm) => Promise<void>
}

/** A token this young needs no renewal to be called fresh, ms. */
const FRESH_MS = 60_000

/**
 * Haku wants the bare token in `Authorization`; gateways of its kind often take `Bearer` as well or instead
 * (Haku API notes 1.2), so a 401 that a fresh token does not cure is tried once in the other form.
 */
export function openSession(options: SessionOptions): Session {
  const { http, tokens, clock, apiUrl } = options

  const send = (
    call: ApiCall,
    token: AccessToken,
    form: HeaderForm,
    attempts?: number,
  ): Promise<HttpAnswer> => {
    const url = new URL((call.apiUrl ?? apiUrl).replace(/\/+$/, '') + call.path)
    url.search = new URLSearchParams(call.query).toString()
    return http({
      method: 'GET',
      url,
      headers: {
        accept: 'application/json',
        authorization: form === 'bare' ? token.token : `Bearer ${token.token}`,
        // The one working client sends it with its GETs (Haku API notes 1.2).
        'content-type': 'application/json',
        'user-agent': 'startlist',
      },
      purpose: call.purpose,
      eventId: call.eventId ?? null,
      ...(attempts !== undefined && { attempts }),
    })
  }

  /** Takes the answer unless it is a 401, and remembers the form that brought it. */
  const accepted = async (
    call: ApiCall,
    answer: HttpAnswer,
    form: HeaderForm,
  ): Promise<HttpAnswer | null> => {
    if (answer.status === 401) return null
    if (answer.status === 403) {
      throw new StartlistError('FORBIDDEN', `GET ${call.path}: 403, this account may not read it`, {
        status: 403,
      })
    }
    const isProof = answer.status >= 200 && answer.status < 300
    if (isProof && form !== options.headerForm()) await options.onHeaderForm(form)
    return answer
  }

  return {
    async get(call) {
      const known = options.headerForm()
      const form = known ?? 'bare'
      const other = form === 'bare' ? 'bearer' : 'bare'
      let token = await tokens.current()
      const attempt = async (as: HeaderForm) => accepted(call, await send(call, token, as), as)

      const first = await attempt(form)
      if (first) return first
      // A token just obtained, in a form never seen to work: the form is the likelier culprit.
      const formFirst = known === null && clock.now() - token.obtainedAt < FRESH_MS
      if (formFirst) {
        const turned = await attempt(other)
        if (turned) return turned
      }
      token = await tokens.renew(token)
      const renewed = await attempt(form)
      if (renewed) return renewed
      if (!formFirst) {
        const turned = await attempt(other)
        if (turned) return turned
      }
      throw new StartlistError(
        'TOKEN_REFUSED',
        `GET ${call.path}: 401 with a fresh token, bare and as Bearer`,
        {
          status: 401,
        },
      )
    },

    probe: async (call) => send(call, await tokens.current(), call.form ?? options.headerForm() ?? 'bare', 1),
  }
}

/** An id as one segment of a path. */
export function segment(id: string): string {
  // A path made of dots would be resolved away and ask for something else.
  if (id !== '' && id !== '.' && id !== '..' && id.isWellFormed()) return encodeURIComponent(id)
  throw new StartlistError('BAD_SHAPE', 'the provider gave an id that cannot stand in an address')
}
