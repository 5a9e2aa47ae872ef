import type { Clock } from '../domain/clock.ts'
import { codeOf, StartlistError } from '../domain/errors.ts'

/** A message of server-sent events. */
export interface ServerEvent {
  event: string
  /** JSON in one line. */
  data: string
  id?: string
}

/** So often something is sent, for whoever is between to keep the connection, and for a page to know that it is there. */
const HEARTBEAT_MS = 15_000
/** A listener that takes nothing for so long is gone, or as good as. */
const PATIENCE_MS = 30_000
/** Then a listener has to come back, and to show that it still may. */
const LONGEST_MS = 3_600_000
const RETRY_MS = 2_000
/** Ends a timer; without a reason of its own an abort makes an error with a stack each time. */
const DONE = 'done'
/** Of all streams of this process. */
const MOST_LISTENERS = 5_000

let listeners = 0

export const eventText = ({ event, data, id }: ServerEvent): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`

/**
 * Answers with server-sent events. What `source` has next is asked for when the connection takes more, so that nothing
 * piles up for a slow one; the last event, `end`, says why and whether to come back.
 * @param source texts of events; ended by the signal
 * @throws StartlistError TOO_MANY_REQUESTS
 */
export function eventStream(clock: Clock, source: (signal: AbortSignal) => AsyncGenerator<string>): Response {
  if (listeners >= MOST_LISTENERS)
    throw new StartlistError('TOO_MANY_REQUESTS', 'too many listen', { retryAt: clock.now() + PATIENCE_MS })
  listeners++
  const ending = new AbortController()
  const { signal } = ending
  const encoder = new TextEncoder()
  const until = clock.now() + LONGEST_MS
  const texts = source(signal)
  let next: Promise<IteratorResult<string>> | null = null
  let waiting = new AbortController()
  const close = () => {
    if (signal.aborted) return
    listeners--
    ending.abort()
    waiting.abort(DONE)
    texts.return(undefined).catch(() => {})
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`)),
      async pull(controller) {
        waiting.abort(DONE)
        const send = (text: string) => {
          controller.enqueue(encoder.encode(text))
          waiting = new AbortController()
          // Nobody takes it: the reason could not be told either.
          clock.sleep(PATIENCE_MS, waiting.signal).then(
            () => {
              close()
              controller.error(new Error('the listener takes nothing'))
            },
            () => {},
          )
        }
        try {
          if (clock.now() > until)
            throw new StartlistError('INTERRUPTED', 'come back: a stream lasts an hour')
          next ??= texts.next()
          const found = await orBeat(next, clock)
          if (found === null) return send(': here\n\n')
          next = null
          if (!found.done) return send(found.value)
          close()
          controller.close()
        } catch (error) {
          close()
          controller.enqueue(encoder.encode(endOf(error)))
          controller.close()
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  )
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would keep events back.
      'X-Accel-Buffering': 'no',
    },
  })
}

/** What comes within a heartbeat's time; null when nothing does. */
async function orBeat<T>(next: Promise<T>, clock: Clock): Promise<T | null> {
  const came = new AbortController()
  try {
    return await Promise.race([next, clock.sleep(HEARTBEAT_MS, came.signal).then(() => null)])
  } finally {
    came.abort(DONE)
  }
}

function endOf(error: unknown): string {
  const code = codeOf(error)
  const known = error instanceof StartlistError ? { reason: error.message, hint: error.hint } : {}
  return eventText({ event: 'end', data: JSON.stringify({ code, ...known }) })
}
