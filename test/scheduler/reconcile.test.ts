import { sql } from 'kysely'
import { TestClock } from 'pg-boss'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { type Reconciling, reconcile } from '../../src/scheduler/reconcile.ts'
import { openTurnQueue, type TurnQueue } from '../../src/scheduler/turn-queue.ts'
import { listenForWakes, WAKE_CHANNEL } from '../../src/scheduler/wake.ts'
import { addCredential, markProven, markRefused, setSecret } from '../../src/store/credentials.ts'
import type { Db } from '../../src/store/database.ts'
import { markTurn } from '../../src/store/plans/account-plan.ts'
import { pendingTurns } from '../../src/store/turns.ts'
import { testDatabase } from '../helpers/database.ts'

const START = Date.parse('2026-05-01T16:00:00Z')
const MINUTE = 60_000

let clock: VirtualClock
let db: Db
let queue: TurnQueue
let reconciling: Reconciling

beforeEach(async () => {
  clock = new VirtualClock(START)
  const database = await testDatabase({ virtualClock: clock })
  db = database.db
  queue = await openTurnQueue({ db, url: database.url, clock: new TestClock(START) })
  reconciling = { db, clock, queue }
})
afterEach(() => queue.stop())

async function addPartner(name: string): Promise<number> {
  const row = await db
    .insertInto('timing_partners')
    .values({ company_name: name, timezone: 'America/New_York' })
    .returning('timing_partner_id')
    .executeTakeFirstOrThrow()
  return row.timing_partner_id
}

/** An account with one secret that was not tried yet. */
async function addAccount(partnerId: number, principal: string) {
  const added = await db.transaction().execute((trx) =>
    addCredential(trx, {
      partnerId,
      provider: 'haku',
      organization: 'Lantern Bay',
      principal,
      timezone: null,
    }),
  )
  if (added === null) throw new Error('the credential exists')
  await setSecret(db, added.credentialId, 'sealed')
  return added
}

async function addEvent(partnerId: number, accountId: number, eventId: string): Promise<void> {
  await db
    .insertInto('haku_events')
    .values({
      timing_partner_id: partnerId,
      event_id: eventId,
      event_name: 'Harbor Half',
      account_id: accountId,
    })
    .execute()
}

const starts = async () =>
  (await pendingTurns(db, queue.name)).map(({ accountId, startAt }) => [accountId, startAt])

describe('looking around (N2)', () => {
  it('gives a new account its first turn at once, and only one', async () => {
    const { accountId } = await addAccount(await addPartner('Lantern Timing'), 'one')
    expect(await reconcile(reconciling)).toEqual([accountId])
    expect(await reconcile(reconciling)).toEqual([])
    expect(await starts()).toEqual([[accountId, START]])
  })

  it('makes a lost turn again, at the instant that the last one asked for', async () => {
    const partnerId = await addPartner('Lantern Timing')
    const later = await addAccount(partnerId, 'one')
    const missed = await addAccount(partnerId, 'two')
    await markTurn(db, later.accountId, START + 5 * MINUTE)
    await markTurn(db, missed.accountId, START - 5 * MINUTE)
    await reconcile(reconciling)
    expect(await starts()).toEqual([
      [missed.accountId, START],
      [later.accountId, START + 5 * MINUTE],
    ])
  })

  it('leaves an account alone that has an active turn', async () => {
    await addAccount(await addPartner('Lantern Timing'), 'one')
    await reconcile(reconciling)
    await queue.take(1)
    expect(await reconcile(reconciling)).toEqual([])
  })

  it('pulls a waiting turn forward when a plan is stale, though no notification came', async () => {
    const partnerId = await addPartner('Lantern Timing')
    const { accountId } = await addAccount(partnerId, 'one')
    await queue.ensure(accountId, START + 60 * MINUTE)
    expect(await reconcile(reconciling)).toEqual([])
    await addEvent(partnerId, accountId, 'new')
    expect(await reconcile(reconciling)).toEqual([accountId])
    expect(await starts()).toEqual([[accountId, START]])
  })

  it('gives none to an account whose only secret was refused, until it is changed (N4)', async () => {
    const { accountId, credentialId } = await addAccount(await addPartner('Lantern Timing'), 'one')
    await markRefused(db, credentialId, 'refused')
    expect(await reconcile(reconciling)).toEqual([])
    await setSecret(db, credentialId, 'sealed anew')
    expect(await reconcile(reconciling)).toEqual([accountId])
  })

  it('for one timing partner gives turns to its accounts only', async () => {
    const [first, second] = [await addPartner('Lantern Timing'), await addPartner('Old Mill Timing')]
    await addAccount(first, 'one')
    const { accountId } = await addAccount(second, 'two')
    expect(await reconcile({ ...reconciling, partnerId: second })).toEqual([accountId])
  })
})

describe('being woken', () => {
  /** Listens as a service does. */
  async function listening(): Promise<{ problems: unknown[] }> {
    const { signal } = new AbortController()
    const problems: unknown[] = []
    const onProblem = (error: unknown) => void problems.push(error)
    await listenForWakes({ ...reconciling, onMissed: () => {}, onProblem, signal })
    return { problems }
  }

  async function firstStart(): Promise<number> {
    for (;;) {
      const [turn] = await pendingTurns(db, queue.name)
      if (turn !== undefined && turn.startAt <= clock.now()) return turn.startAt
    }
  }

  it('by a new event, gives its account a turn now', async () => {
    const partnerId = await addPartner('Lantern Timing')
    const { accountId } = await addAccount(partnerId, 'one')
    await queue.ensure(accountId, START + 60 * MINUTE)
    await listening()
    await addEvent(partnerId, accountId, 'new')
    expect(await firstStart()).toBeLessThanOrEqual(clock.now())
  })

  it('by a secret that works again, gives its account a turn now', async () => {
    const { accountId, credentialId } = await addAccount(await addPartner('Lantern Timing'), 'one')
    await markRefused(db, credentialId, 'refused')
    await queue.ensure(accountId, START + 60 * MINUTE)
    await listening()
    await markProven(db, credentialId)
    expect(await firstStart()).toBeLessThanOrEqual(clock.now())
  })

  it('ignores what is no account', async () => {
    const { accountId } = await addAccount(await addPartner('Lantern Timing'), 'one')
    const { problems } = await listening()
    for (const payload of ['', 'x', '999', '1; DROP TABLE accounts', String(accountId)])
      await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${payload})`.execute(db)
    await firstStart()
    expect(await starts()).toMatchObject([[accountId, expect.any(Number)]])
    expect(problems).toEqual([])
  })
})
