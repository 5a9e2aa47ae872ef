import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** Requests at a steady pace, and streams that stay open, from one process. Durations in ms. */

/** A server, and the token that opens it. */
export interface Target {
  url: string
  token: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One request, to the end of its answer. @returns how long it took */
function ask({ url, token }: Target, path: string): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`))
      answer.resume().once('end', () => resolve(performance.now() - began))
    }).once('error', reject)
  })
}

/**
 * Asks for paths in turn, `perSecond` times a second, whether or not earlier answers have come: a slow server is not
 * asked less.
 * @returns durations by path
 */
export async function paced(
  target: Target,
  paths: readonly string[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Map<string, number[]>> {
  const took = new Map<string, number[]>(paths.map((path) => [path, []]))
  const began = performance.now()
  const asked: Promise<unknown>[] = []
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = began + (n * 1_000) / perSecond - performance.now()
    if (wait > 1) await sleep(wait)
    const path = paths[n % paths.length] ?? ''
    asked.push(ask(target, path).then((ms) => took.get(path)?.push(ms)))
  }
  await Promise.all(asked)
  return took
}

/** Streams that are open, and what came by them. */
export interface Listeners {
  /** events with an id, by listener */
  received: number[]
  close(): void
}

/** Opens so many streams, some at a time. */
export async function listen({ url, token }: Target, path: string, count: number): Promise<Listeners> {
  const received = Array.from({ length: count }, () => 0)
  const open: IncomingMessage[] = []
  const one = (i: number) =>
    new Promise<void>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
      get(`${url}${path}`, { agent: false, headers }, (answer) => {
        if (answer.statusCode !== 200) return reject(new Error(`${path}: ${answer.statusCode}`))
        open.push(answer)
        answer.setEncoding('utf8').on('data', (text: string) => {
          received[i] = (received[i] ?? 0) + (text.match(/^id:/gm)?.length ?? 0)
        })
        // Cut at the end of the run.
        answer.on('error', () => {})
        resolve()
      }).once('error', reject)
    })
  const atOnce = 50
  for (let from = 0; from < count; from += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - from) }, (_, i) => one(from + i)))
  return { received, close: () => open.forEach((answer) => void answer.destroy()) }
}

/** The value that this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b)
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN
}
