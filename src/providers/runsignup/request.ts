import type { CallPurpose } from '../../domain/account.ts'
import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { Http, HttpAnswer } from '../http.ts'
import { refusalOf } from './errors.ts'
import type { KeyForm } from './traits.ts'

/** One GET of the API. */
export interface ApiCall {
  /** below the API's base address, with ids encoded */
  path: string
  query: Record<string, string>
  purpose: CallPurpose
  eventId?: string | null
}

/** A secret, and where key and secret are put. */
export interface Signature {
  secret: string
  form: KeyForm
}

/**
 * Makes a call, signed or (null) as anybody.
 * @throws StartlistError by the class of a refusal, and what `http.ts` throws
 */
export type Send = (call: ApiCall, signature: Signature | null) => Promise<HttpAnswer>

interface SendOptions {
  /** without a slash at its end */
  apiUrl: string
  apiKey: string
  http: Http
  clock: Clock
}

/**
 * Calls of one account (RunSignUp API notes 2.1). The form by query puts the secret into the address, so no address
 * leaves here: messages name method and path.
 */
export function sender({ apiUrl, apiKey, http, clock }: SendOptions): Send {
  return async (call, signature) => {
    const label = `GET ${call.path}`
    const url = new URL(apiUrl.replace(/\/+$/, '') + call.path)
    // XML is the default.
    const query = new URLSearchParams({ format: 'json', ...call.query })
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'startlist' }
    if (signature?.form === 'query') {
      query.set('api_key', apiKey)
      query.set('api_secret', signature.secret)
    } else if (signature) {
      if (!isHeaderValue(signature.secret)) {
        throw new StartlistError(
          'CREDENTIAL_REFUSED',
          `${label}: the secret has characters that no header takes`,
        )
      }
      query.set('rsu_api_key', apiKey)
      headers['x-rsu-api-secret'] = signature.secret
    }
    url.search = query.toString()
    return http({
      method: 'GET',
      url,
      headers,
      purpose: call.purpose,
      eventId: call.eventId ?? null,
      judge: (answer) => refusalOf(answer, label, clock.now()),
    })
  }
}

function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
