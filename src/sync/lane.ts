import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { isProcessAlive } from '../observe/process-alive.ts'
import type { Db } from '../store/database.ts'
import {
  fenced,
  laneHolder,
  releaseLane,
  releaseLaneOf,
  renewLane,
  takeLane,
  wantLane,
} from '../store/lanes.ts'

/** How long after a crash on another machine the lane is taken over (N3); kept alive while the process lives. */
const LEASE_MS = 20_000
const RENEW_EVERY_MS = 5_000
/** A command waits at most one turn for a busy lane (N1). */
const TURN_MS = 30_000
const LOOK_EVERY_MS = 250

/** The one right to make an account's calls (N1), held by this process. */
export interface Lane {
  fence: number
  /** Proves before each call, and while waiting, that the lane is ours. @throws StartlistError `FENCED` */
  renew(): Promise<void>
  /** Somebody else wants it, as far as the last renewal knew. */
  isWanted(): boolean
  release(): Promise<void>
}

/** Names a process so that another on the same host can see that it is dead. */
function holderName(): string {
  return `${hostname()}:${process.pid}:${randomUUID()}`
}

/** How somebody waits for a lane. */
interface Patience {
  /** at most so many ms, one turn when left out; with 0 the lane is taken only if it is free */
  ms?: number | undefined
  signal?: AbortSignal | undefined
  /** Told once, when there is something to wait for. */
  onBusy?: ((holder: string) => void) | undefined
}

/**
 * Takes an account's lane. Who waits for it says so, and the holder ends its turn after the page under way.
 * @throws StartlistError `LANE_BUSY` when another process works on the account for longer
 */
export async function openLane(
  db: Db,
  clock: Clock,
  accountId: number,
  patience: Patience = {},
): Promise<Lane> {
  const { ms = TURN_MS, signal, onBusy } = patience
  const name = holderName()
  const until = clock.now() + ms
  let hasTold = false
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
    await wantLane(db, accountId)
    if (clock.now() >= until) {
      throw new StartlistError(
        'LANE_BUSY',
        `account ${accountId} is being worked on by ${other?.holder ?? 'another process'}`,
      )
    }
    if (!hasTold) onBusy?.(other?.holder ?? 'another process')
    hasTold = true
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

/** Was the holder a process of this host that is gone? A reused pid only means that the lease runs out by itself. */
function isDead(holder: string): boolean {
  const [host, pid] = holder.split(':')
  if (host !== hostname() || pid === undefined) return false
  return !isProcessAlive(Number(pid))
}

function laneOf(db: Db, accountId: number, fence: number): Lane {
  let wanted = false
  const renew = async () => {
    const renewed = await renewLane(db, accountId, fence, LEASE_MS)
    if (renewed === null) throw fenced(accountId)
    wanted = renewed.wanted
  }
  // A long answer must not cost the lane. What this misses, the renewal before the next call and the fence will see.
  const heart = setInterval(() => void renew().catch(() => {}), RENEW_EVERY_MS)
  heart.unref()
  return {
    fence,
    renew,
    isWanted: () => wanted,
    release: () => {
      clearInterval(heart)
      return releaseLane(db, accountId, fence)
    },
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
