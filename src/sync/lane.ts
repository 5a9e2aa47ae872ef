import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import type { Db } from '../store/database.ts'
import { laneHolder, releaseLane, releaseLaneOf, renewLane, takeLane } from '../store/lanes.ts'

/** Longer than a request and its spacing, so that a lane is not lost between two calls. */
const LEASE_MS = 60_000
/** A command waits at most one turn for a busy lane (N1). */
const TURN_MS = 30_000
const LOOK_EVERY_MS = 250

/** The one right to make an account's calls (N1), held by this process. */
export interface Lane {
  fence: number
  /** Keeps the lease alive: before each call, and while waiting. @throws StartlistError `FENCED` */
  renew(): Promise<void>
  release(): Promise<void>
}

/** Names a process so that another on the same host can see that it is dead. */
function holderName(): string {
  return `${hostname()}:${process.pid}:${randomUUID()}`
}

/**
 * Takes an account's lane, first in line, waiting at most one turn.
 * @throws StartlistError `LANE_BUSY` when another process works on the account for longer
 */
export async function openLane(db: Db, clock: Clock, accountId: number, signal?: AbortSignal): Promise<Lane> {
  const name = holderName()
  const until = clock.now() + TURN_MS
  for (;;) {
    signal?.throwIfAborted()
    const taken = await takeLane(db, accountId, name, LEASE_MS)
    if (taken !== null) return laneOf(db, accountId, taken.fence)
    const other = await laneHolder(db, accountId)
    if (other !== null && isDead(other.holder)) {
      // Not at the end of its lease: after a kill the next command goes on at once.
      await releaseLaneOf(db, accountId, other.holder)
      continue
    }
    if (clock.now() >= until) {
      throw new StartlistError(
        'LANE_BUSY',
        `account ${accountId} is being worked on by ${other?.holder ?? 'another process'}`,
      )
    }
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

/** Was the holder a process of this host that is gone? A reused pid only means that the lease runs out by itself. */
function isDead(holder: string): boolean {
  const [host, pid] = holder.split(':')
  if (host !== hostname() || pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function laneOf(db: Db, accountId: number, fence: number): Lane {
  return {
    fence,
    async renew() {
      if (await renewLane(db, accountId, fence, LEASE_MS)) return
      throw new StartlistError('FENCED', `account ${accountId}: another process took the lane over`)
    },
    release: () => releaseLane(db, accountId, fence),
  }
}

/** A clock whose long sleeps keep the lane alive. */
export function keepingLane(clock: Clock, lane: Lane): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      for (let left = ms; left > 0; left -= LEASE_MS / 2) {
        await clock.sleep(Math.min(left, LEASE_MS / 2), signal)
        await lane.renew()
      }
    },
  }
}
