/**
 * Where time comes from. Every module that needs the present takes a `Clock`, so that hours of a race
 * morning run in seconds under test; nothing but {@link systemClock} reads the machine's time.
 */
export interface Clock {
  /** The present, in milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Resolves once `ms` milliseconds of this clock have passed; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/** A clock that moves only when told to: {@link VirtualClock.advance} it, or let `sleep` carry it forward. */
export class VirtualClock implements Clock {
  #now: number

  /** @param start milliseconds since the epoch, or an ISO instant such as `2026-05-02T11:00:00Z` */
  constructor(start: number | string) {
    this.#now = typeof start === 'number' ? start : Date.parse(start)
  }

  now(): number {
    return this.#now
  }

  /** A sleeper is the only one awake in virtual time, so sleeping *is* advancing. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#now += Math.max(0, ms)
  }

  /** Moves time forward by `ms` milliseconds. */
  advance(ms: number): void {
    this.#now += ms
  }

  /** Jumps to an instant, backwards too: a machine's clock does that. */
  set(instant: number | string): void {
    this.#now = typeof instant === 'number' ? instant : Date.parse(instant)
  }
}
