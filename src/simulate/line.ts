import type { Clock } from '../domain/clock.ts'

/** A spell in which answers do not come. Instants are ms since the epoch. */
export interface Hang {
  from: number
  until: number
}

interface LineOptions {
  clock: Clock
  /** from request to answer, ms */
  latencyMs: number
  /** when nothing comes back, and how long it takes to give up on it, ms */
  hangs: readonly Hang[]
  timeoutMs: number
  /** cut when the process dies */
  dead: AbortSignal
}

/** The line to the provider: real HTTP on loopback, whose latency passes on the simulation's clock. */
export function lineTo({ clock, latencyMs, hangs, timeoutMs, dead }: LineOptions): typeof fetch {
  const half = latencyMs / 2
  return async (input, init) => {
    await clock.sleep(half, dead)
    const signal = init?.signal ? AbortSignal.any([dead, init.signal]) : dead
    const sent = clock.now()
    try {
      const answer = await fetch(input, { ...init, signal })
      await clock.sleep(latencyMs - half, dead)
      return answer
    } catch (error) {
      const isHung = hangs.some(({ from, until }) => from <= sent && sent < until)
      if (isHung) await clock.sleep(timeoutMs, dead)
      throw error
    }
  }
}
