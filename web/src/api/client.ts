import createClient from 'openapi-fetch'
import { clock } from '../state/clock.svelte.ts'
import { live } from '../state/live.svelte.ts'
import { session } from '../state/session.svelte.ts'
import { Problem } from './problem.ts'
import type { paths } from './schema.d.ts'

/** startlist's own API, typed by its own description. */
export const api = createClient<paths>({ baseUrl: '/v1' })

/**
 * What was asked for.
 * @throws Problem
 */
export async function ask<T>(asking: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asking.catch((failure: unknown) => {
    // What a page has given up itself says nothing about the line.
    if (!(failure instanceof DOMException && failure.name === 'AbortError')) live.lost()
    throw failure
  })
  clock.serverSays(Date.parse(response.headers.get('date') ?? ''))
  live.heard()
  if (response.ok) return data as T
  // Signed out elsewhere, or the token was revoked: whatever this page shows is no longer its business.
  if (response.status === 401) session.leave()
  throw Problem.from(response.status, error)
}

/** An instant of an answer, ms. */
export function instant(text: string): number
export function instant(text: string | null): number | null
export function instant(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
