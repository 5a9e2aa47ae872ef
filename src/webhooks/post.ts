import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** A message to post, signed by Standard Webhooks. */
export interface Post {
  url: string
  /** `whsec_...`; null: it is not signed */
  secret: string | null
  /** the same at every try */
  id: string
  /** when it is sent, ms since the epoch */
  at: number
  body: string
  /** Longest wait for the answer, ms. */
  patienceMs: number
  /** Finds, and may refuse, the address of the host; default: any. */
  lookup?: LookupFunction
  /** The same for a host that is an address itself: throws. */
  assertAddress?: (address: string) => void
}

/** Why there was no answer; it names neither the address nor a secret. */
export class Unanswered extends Error {}

/**
 * Posts JSON and waits for the status of the answer. A redirect is an answer like others: followed, it would carry the
 * signature to an address that nobody chose.
 * @see https://www.standardwebhooks.com
 * @throws Unanswered, and what `lookup` or `assertAddress` throw
 */
export function post(message: Post): Promise<number> {
  const { url, lookup, assertAddress, patienceMs } = message
  const target = new URL(url)
  const headers = headersOf(message)
  return new Promise((resolve, reject) => {
    assertAddress?.(target.hostname.replace(/^\[|\]$/g, ''))
    const signal = AbortSignal.timeout(patienceMs)
    const request = target.protocol === 'https:' ? requestHttps : requestHttp
    const sending = request(target, {
      method: 'POST',
      headers,
      signal,
      agent: false,
      ...(lookup ? { lookup } : {}),
    })
    sending.once('response', (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    sending.once('error', (error) => reject(asUnanswered(error, signal.aborted, patienceMs)))
    sending.end(message.body)
  })
}

function headersOf({ id, at, secret, body }: Post): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'startlist',
    'webhook-id': id,
    // Whole seconds, as they are signed.
    'webhook-timestamp': String(Math.floor(at / 1000)),
    ...(secret === null ? {} : { 'webhook-signature': new Webhook(secret).sign(id, new Date(at), body) }),
  }
}

function asUnanswered(error: Error, isLate: boolean, patienceMs: number): Error {
  if (error.name === 'StartlistError') return error
  const why = isLate ? `did not answer within ${patienceMs / 1000} s` : 'could not be reached'
  return new Unanswered(`the webhook ${why}`, { cause: error })
}
