import { TestClock } from 'pg-boss'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { openTurnQueue, type TurnQueue, type TurnQueueOptions } from '../../src/scheduler/turn-queue.ts'
import { pendingTurns } from '../../src/store/turns.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

const START = Date.parse('2026-05-01T16:00:00Z')
const SOON = 20_000

const open = new Set<TurnQueue>()
afterEach(async () => {
  for (const queue of open) await queue.stop()
  open.clear()
})

async function queueOn(database: TestDatabase, options: Partial<TurnQueueOptions> = {}): Promise<TurnQueue> {
  const queue = await openTurnQueue({ db: database.db, url: database.url, ...options })
  open.add(queue)
  return queue
}

/** A queue whose time only the test moves. */
async function stillQueue(): Promise<{ queue: TurnQueue; clock: TestClock; database: TestDatabase }> {
  const database = await testDatabase()
  const clock = new TestClock(START)
  return { queue: await queueOn(database, { clock }), clock, database }
}

/** Resolves at the first call of `done`; fails when that takes longer than a test should. */
function expected<T>(): { done: (value: T) => void; value: Promise<T> } {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error('nothing came')), SOON)
  onTestFinished(() => clearTimeout(timer))
  return { done: resolve, value: promise }
}

describe('a queue of turns', () => {
  it('keeps one waiting turn per account, at the earlier instant (N2)', async () => {
    const { queue, database } = await stillQueue()
    await queue.ensure(7, START + 60_000)
    await queue.ensure(7, START + 90_000)
    expect(await queue.earliest()).toBe(START + 60_000)
    await queue.ensure(7, START + 30_000)
    await queue.ensure(8, START + 45_000)
    expect(await pendingTurns(database.db, queue.name)).toEqual([
      { accountId: 7, state: 'waiting', startAt: START + 30_000 },
      { accountId: 8, state: 'waiting', startAt: START + 45_000 },
    ])
  })

  it('gives a turn when it is due, and only once', async () => {
    const { queue, clock } = await stillQueue()
    await queue.ensure(7, START + 30_000)
    expect(await queue.take(5)).toEqual([])
    await clock.setTime(START + 30_000)
    expect(await queue.take(5)).toMatchObject([{ accountId: 7 }])
    expect(await queue.take(5)).toEqual([])
    expect(await queue.earliest()).toBeNull()
  })

  it('has an account wait for its active turn, whatever is asked for meanwhile', async () => {
    const { queue } = await stillQueue()
    await queue.ensure(7, START)
    const [turn] = await queue.take(5)
    await queue.ensure(7, START)
    expect(await queue.take(5)).toEqual([])
    await queue.complete(turn!, START + 60_000)
    // What was asked for during the turn was perhaps not seen by it.
    expect(await queue.earliest()).toBe(START)
    expect(await queue.take(5)).toMatchObject([{ accountId: 7 }])
  })

  it('writes the next turn with the end of this one, and none where none is wanted', async () => {
    const { queue, database } = await stillQueue()
    await queue.ensure(7, START)
    await queue.ensure(8, START)
    const [first, second] = await queue.take(5)
    await queue.complete(first!, START + 60_000)
    await queue.complete(second!, null)
    expect(await pendingTurns(database.db, queue.name)).toEqual([
      { accountId: first!.accountId, state: 'waiting', startAt: START + 60_000 },
    ])
  })

  it('of many that ask at the same moment makes one turn, at the earliest', async () => {
    const database = await testDatabase()
    const [one, other] = [await queueOn(database), await queueOn(database)]
    const base = systemClock.now() + 3_600_000
    const asked = Array.from({ length: 24 }, (_, i) => base + ((i * 7) % 24) * 1_000)
    await Promise.all(asked.map((at, i) => (i % 2 === 0 ? one : other).ensure(7, at)))
    expect(await pendingTurns(database.db, one.name)).toEqual([
      { accountId: 7, state: 'waiting', startAt: base },
    ])
  })

  it('keeps the turns of one timing partner apart', async () => {
    const database = await testDatabase()
    const all = await queueOn(database)
    const partner = await queueOn(database, { partnerId: 5 })
    await partner.ensure(7, 0)
    expect(await all.take(5)).toEqual([])
    expect(await partner.take(5)).toMatchObject([{ accountId: 7 }])
  })
})

describe('working on a queue', () => {
  it('wakes at once for a turn that is pulled forward, and comes back for the next', async () => {
    const database = await testDatabase()
    const queue = await queueOn(database)
    const { done, value } = expected<number>()
    const taken: number[] = []
    await queue.work(2, async (accountId) => {
      taken.push(accountId)
      if (taken.length === 2) done(accountId)
      return taken.length === 1 ? systemClock.now() : null
    })
    await queue.ensure(7, systemClock.now() + 3_600_000)
    await queue.ensure(7, systemClock.now())
    await value
    expect(taken).toEqual([7, 7])
  })

  it('never has two turns of one account at a time, over two processes', async () => {
    const database = await testDatabase()
    const queues = [await queueOn(database), await queueOn(database)]
    const { done, value } = expected<void>()
    let inside = 0
    let most = 0
    let turns = 0
    for (const queue of queues) {
      await queue.work(3, async (accountId) => {
        most = Math.max(most, ++inside)
        // Somebody asks again and again while a turn is under way.
        await queues[turns % 2]?.ensure(accountId, systemClock.now())
        inside--
        if (++turns === 20) done()
        return turns < 20 ? systemClock.now() : null
      })
    }
    await queues[0]?.ensure(7, systemClock.now())
    await value
    expect(most).toBe(1)
  })

  it('stops: the turn under way is told, ends, and leaves its next behind', async () => {
    const database = await testDatabase()
    const queue = await queueOn(database)
    const { done, value } = expected<void>()
    const next = systemClock.now() + 60_000
    await queue.work(1, async (_, signal) => {
      done()
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      return next
    })
    await queue.ensure(7, systemClock.now())
    await value
    await queue.stop()
    expect(await pendingTurns(database.db, queue.name)).toEqual([
      { accountId: 7, state: 'waiting', startAt: next },
    ])
  })
})

describe('a worker that fell silent', () => {
  it('loses its turn to another within 25 s, and can no longer complete it (N3)', async () => {
    const database = await testDatabase()
    const silent = await queueOn(database)
    await silent.ensure(7, systemClock.now())
    // Taken without the heartbeat that `work` keeps up: as a process that was killed.
    const [lost] = await silent.take(1)
    const began = systemClock.now()
    const other = await queueOn(database)
    const { promise, resolve } = Promise.withResolvers<number>()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    await other.work(1, async () => {
      resolve(systemClock.now())
      await ended
      return null
    })
    const tookMs = (await promise) - began
    expect(tookMs).toBeLessThan(25_000)
    await silent.complete(lost!, null)
    expect((await pendingTurns(database.db, other.name)).map((turn) => turn.state)).toEqual(['active'])
    end()
  }, 40_000)
})
