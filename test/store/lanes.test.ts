import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { ensureAccount } from '../../src/store/accounts.ts'
import { checkFence, laneHolder, releaseLane, renewLane, takeLane } from '../../src/store/lanes.ts'
import { openLane } from '../../src/sync/lane.ts'
import { testDatabase } from '../helpers/database.ts'

const clock = new VirtualClock('2026-05-02T10:00:00Z')
const { db } = await testDatabase({ virtualClock: clock })
let principals = 0
const newAccount = () => ensureAccount(db, 'haku', `client-${++principals}`)
const write = (accountId: number, fence: number) =>
  db.transaction().execute((trx) => checkFence(trx, accountId, fence))

describe('the lane (N1)', () => {
  it('goes to one of many that reach for it', async () => {
    const account = await newAccount()
    const takes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => takeLane(db, account, `holder-${i}`, 30_000)),
    )
    expect(takes.filter((take) => take !== null)).toEqual([{ fence: 1 }])
    const holder = `holder-${takes.findIndex((take) => take !== null)}`
    expect(await laneHolder(db, account)).toEqual({ holder, until: clock.now() + 30_000 })
  })

  it('is taken over when its lease lapsed, by one of many, and the old holder cannot write', async () => {
    const account = await newAccount()
    const old = await takeLane(db, account, 'old', 30_000)
    clock.advance(29_999)
    expect(await takeLane(db, account, 'new', 30_000)).toBe(null)
    clock.advance(1)
    const takes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => takeLane(db, account, `new-${i}`, 30_000)),
    )
    expect(takes.filter((take) => take !== null)).toEqual([{ fence: 2 }])
    await expect(write(account, old!.fence)).rejects.toMatchObject({ code: 'FENCED', class: 'ours' })
    await expect(write(account, 2)).resolves.toBeUndefined()
    expect(await renewLane(db, account, old!.fence, 30_000)).toBeNull()
    await releaseLane(db, account, old!.fence)
    expect(await laneHolder(db, account)).not.toBe(null)
  })

  it('is prolonged by renewing, and by taking it again with the same fence', async () => {
    const account = await newAccount()
    const lane = await takeLane(db, account, 'a', 30_000)
    clock.advance(20_000)
    expect(await renewLane(db, account, lane!.fence, 30_000)).toEqual({ wanted: false })
    clock.advance(20_000)
    expect(await takeLane(db, account, 'b', 30_000)).toBe(null)
    expect(await takeLane(db, account, 'a', 30_000)).toEqual(lane)
  })

  it('is lost with the server that it was taken on: what it has confirmed may be gone', async () => {
    const account = await newAccount()
    const lane = await takeLane(db, account, 'a', 30_000)
    await sql`UPDATE lanes SET server_started_at = server_started_at - interval '1 day'
      WHERE account_id = ${account}`.execute(db)
    await expect(write(account, lane!.fence)).rejects.toMatchObject({ code: 'FENCED' })
    expect(await renewLane(db, account, lane!.fence, 30_000)).toBeNull()
    // Nobody waits for the end of a lease that its holder can do nothing with.
    const again = await takeLane(db, account, 'b', 30_000)
    expect(again).toEqual({ fence: lane!.fence + 1 })
    await expect(write(account, again!.fence)).resolves.toBeUndefined()
  })

  it('has a new fence for a holder who let his lease lapse and comes back', async () => {
    const account = await newAccount()
    const lane = await takeLane(db, account, 'a', 30_000)
    clock.advance(40_000)
    // Nobody took it meanwhile: what he read is still his to write.
    await write(account, lane!.fence)
    expect(await takeLane(db, account, 'a', 30_000)).toEqual({ fence: lane!.fence + 1 })
  })

  it('is free once released, and its fence only grows', async () => {
    const account = await newAccount()
    const lane = await takeLane(db, account, 'a', 30_000)
    await releaseLane(db, account, lane!.fence)
    expect(await laneHolder(db, account)).toBe(null)
    await expect(write(account, lane!.fence)).rejects.toMatchObject({ code: 'FENCED' })
    expect(await renewLane(db, account, lane!.fence, 30_000)).toBeNull()
    expect(await takeLane(db, account, 'a', 30_000)).toEqual({ fence: 2 })
  })

  it('is nobody’s before it was ever taken', async () => {
    await expect(write(await newAccount(), 0)).rejects.toMatchObject({ code: 'FENCED' })
  })

  it('cannot be taken between the fence check and the commit', async () => {
    const account = await newAccount()
    const lane = await takeLane(db, account, 'a', 30_000)
    clock.advance(31_000)
    let taken: Promise<{ fence: number } | null> | undefined
    await db.transaction().execute(async (trx) => {
      await checkFence(trx, account, lane!.fence)
      taken = takeLane(db, account, 'b', 30_000)
      // The taker is waiting for us by now, or will be: either way our writes come first.
      await sql`SELECT pg_sleep(0.05)`.execute(trx)
      await checkFence(trx, account, lane!.fence)
    })
    expect(await taken).toEqual({ fence: lane!.fence + 1 })
  })
})

it('who waits for a lane is told once who holds it', async () => {
  const account = await newAccount()
  await takeLane(db, account, 'machine-a', 30_000)
  const told: string[] = []
  const waiting = openLane(db, clock, account, { ms: 5_000, onBusy: (holder) => told.push(holder) })
  await expect(waiting).rejects.toMatchObject({ code: 'LANE_BUSY' })
  expect(told).toEqual(['machine-a'])
})
