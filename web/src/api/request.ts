import { live } from '../state/live.svelte.ts'
import { Problem } from './problem.ts'

/** What `/v1` answers to a path. */
export async function get<T>(path: string, signal: AbortSignal | null = null): Promise<T> {
  const answer = await fetch(path, { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) live.lost()
    throw error
  })
  live.heard()
  const body: unknown = await answer.json().catch(() => null)
  if (!answer.ok) throw Problem.from(answer.status, body)
  return body as T
}
