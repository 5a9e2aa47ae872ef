import * as oauth from 'oauth4webapi'
import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Http, HttpAnswer } from '../http.ts'

/** An access token and its life. Instants in ms since the epoch, of our clock. */
export interface AccessToken {
  token: string
  obtainedAt: number
  expiresAt: number
  /** The credential whose secret obtained it (S1). */
  credentialId: number
}

/** Where all processes keep the account's token; the store seals it (N5). */
export interface TokenStore {
  read(): Promise<AccessToken | null>
  save(token: AccessToken): Promise<void>
  /** Runs `fn` while no other process renews this account's token. */
  withLock<T>(fn: () => Promise<T>): Promise<T>
}

/** One timing partner's secret for the account's client id. */
export interface Secret {
  credentialId: number
  secret: string
}

export interface TokenOptions {
  tokenUrl: string
  clientId: string
  /** tried in this order; a refused one is not tried again */
  secrets: readonly Secret[]
  http: Http
  clock: Clock
  tokens: TokenStore
  /** The provider refused this credential's secret: pause it (S1). */
  onRefused?: (credentialId: number) => Promise<void> | void
  /** This credential's own secret has obtained a token (S1). */
  onProven?: (credentialId: number) => Promise<void> | void
}

export interface Tokens {
  /** A token that is good for a while yet. */
  current(): Promise<AccessToken>
  /** A token other than `refused`, which the API answered with 401; another process may have renewed it already. */
  renew(refused: AccessToken): Promise<AccessToken>
  /**
   * Obtains a token with this very secret, whatever tokens there are: the proof that S1 asks for.
   * @throws StartlistError `CREDENTIAL_REFUSED`
   */
  prove(secret: Secret): Promise<AccessToken>
}

/** Life of a token whose answer does not tell it (Haku API notes 1.2), seconds. */
const DEFAULT_LIFE_S = 3600
const EARLY_MS = 5 * 60_000
const USED_SHARE = 0.8

/**
 * From when on a token is renewed: five minutes before its end, as the known client does (Haku API notes 1.2), but not
 * before four fifths of its life are over, so that a short-lived token is not renewed all the time.
 */
export function renewAt({ obtainedAt, expiresAt }: AccessToken): number {
  return Math.max(expiresAt - EARLY_MS, obtainedAt + (expiresAt - obtainedAt) * USED_SHARE)
}

/** The tokens of one account: one renewal at a time in this process and, by the store's lock, among all. */
export function hakuTokens(options: TokenOptions): Tokens {
  const { clock, tokens, http, tokenUrl, clientId } = options
  const refusedIds = new Set<number>()
  let held: AccessToken | null = null
  let renewal: Promise<AccessToken> | null = null

  const good = (token: AccessToken | null, refused: AccessToken | null): token is AccessToken =>
    token !== null && token.token !== refused?.token && clock.now() < renewAt(token)

  async function obtain(secret: Secret): Promise<AccessToken> {
    const obtainedAt = clock.now()
    try {
      const { token, lifeMs } = await requestToken(http, tokenUrl, clientId, secret.secret)
      held = { token, obtainedAt, expiresAt: obtainedAt + lifeMs, credentialId: secret.credentialId }
    } catch (error) {
      if (error instanceof StartlistError && error.code === 'CREDENTIAL_REFUSED') {
        refusedIds.add(secret.credentialId)
        await options.onRefused?.(secret.credentialId)
      }
      throw error
    }
    await tokens.save(held)
    refusedIds.delete(secret.credentialId)
    await options.onProven?.(secret.credentialId)
    return held
  }

  /** With the first secret that is not refused: one call for each that is, never a second (N4). */
  async function obtainByAny(): Promise<AccessToken> {
    let last: unknown = new StartlistError(
      'CREDENTIAL_REFUSED',
      'the provider refused every secret of this account',
    )
    for (const secret of options.secrets) {
      if (refusedIds.has(secret.credentialId)) continue
      try {
        return await obtain(secret)
      } catch (error) {
        if (!(error instanceof StartlistError) || error.code !== 'CREDENTIAL_REFUSED') throw error
        last = error
      }
    }
    throw last
  }

  async function get(refused: AccessToken | null): Promise<AccessToken> {
    while (!good(held, refused)) {
      const mine = renewal === null
      renewal ??= readOrRenew(refused).finally(() => {
        renewal = null
      })
      const token = await renewal
      // A renewal that another caller began may not know that this token is refused. Our own does; a provider
      // that hands out the same token again is then simply taken at its word.
      if (mine || token.token !== refused?.token) return token
    }
    return held
  }

  async function readOrRenew(refused: AccessToken | null): Promise<AccessToken> {
    const stored = await tokens.read()
    if (good(stored, refused)) return hold(stored)
    return tokens.withLock(async () => {
      const newer = await tokens.read()
      return good(newer, refused) ? hold(newer) : obtainByAny()
    })
  }

  const hold = (token: AccessToken): AccessToken => {
    held = token
    return token
  }

  return {
    current: () => get(null),
    renew: (refused) => get(refused),
    prove: (secret) => tokens.withLock(() => obtain(secret)),
  }
}

/** One token call: client credentials, no scope (Haku API notes 1.2). */
async function requestToken(
  http: Http,
  tokenUrl: string,
  clientId: string,
  secret: string,
): Promise<{ token: string; lifeMs: number }> {
  const server: oauth.AuthorizationServer = { issuer: tokenUrl, token_endpoint: tokenUrl }
  const client: oauth.Client = { client_id: clientId }
  let answer: HttpAnswer | null = null
  try {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      basicAuth(secret),
      new URLSearchParams(),
      {
        [oauth.allowInsecureRequests]: isLoopback(tokenUrl),
        [oauth.customFetch]: async (url, { headers, body }) => {
          const form = body instanceof URLSearchParams ? body.toString() : ''
          answer = await http({
            method: 'POST',
            url: new URL(url),
            headers: { ...headers },
            body: form,
            purpose: 'token',
          })
          return responseOf(answer)
        },
      },
    )
    const result = await oauth.processClientCredentialsResponse(server, client, response)
    // What cannot stand in a header would fail later, call by call.
    if (!/^[\x21-\x7e]+$/.test(result.access_token)) throw new Error('unusable token')
    return { token: result.access_token, lifeMs: (result.expires_in ?? DEFAULT_LIFE_S) * 1000 }
  } catch (error) {
    // The library's errors carry the answer, and an answer may carry a token: only the status leaves here.
    if (error instanceof StartlistError || answer === null) throw own(error)
    throw refusal((answer as HttpAnswer).status)
  }
}

/** A failure before any answer: ours, or an endpoint that the library will not talk to. */
function own(error: unknown): unknown {
  if (error instanceof oauth.OperationProcessingError) {
    return new StartlistError('CONFIG_INVALID', 'HAKU_TOKEN_URL must be an https address')
  }
  return error
}

function refusal(status: number): StartlistError {
  switch (status) {
    case 400:
    case 401:
      return new StartlistError('CREDENTIAL_REFUSED', `the token endpoint refused the secret: ${status}`, {
        status,
      })
    case 403:
      return new StartlistError('FORBIDDEN', 'the token endpoint lets us not in: 403', { status })
    case 404:
    case 405:
      return new StartlistError('NOT_FOUND', `no token endpoint at this address: ${status}`, {
        status,
        hint: 'Check HAKU_TOKEN_URL in startlist config.',
      })
    default:
      return new StartlistError('BAD_BODY', `the token endpoint answered ${status} without a usable token`, {
        status,
      })
  }
}

/**
 * `Basic base64(client_id:client_secret)` as the one working client sends it (Haku API notes 1.2). The library's own
 * form-encodes both first, `-` and `_` included, which RFC 6749 asks for and Cognito does not need.
 */
function basicAuth(secret: string): oauth.ClientAuth {
  return (_server, client, _body, headers) => {
    headers.set('authorization', `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}`)
  }
}

/** The answer as the library wants it; `token_type` is filled in where it is missing, as nobody has seen it here. */
function responseOf({ status, json }: HttpAnswer): Response {
  const body = isObject(json) ? { token_type: 'bearer', ...json } : json
  return Response.json(isObject(body) ? sane(body) : body, { status })
}

/** A life that is no positive number is taken for one that was not told. */
function sane({ expires_in, ...rest }: JsonObject): JsonObject {
  const seconds = Number(expires_in)
  return Number.isFinite(seconds) && seconds > 0 ? { ...rest, expires_in: seconds } : rest
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Plain http is for simulators on this machine; anywhere else it would show the secret to the line. */
function isLoopback(url: string): boolean {
  try {
    return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
  } catch {
    return false
  }
}
