import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import {
  clearObservedLimit,
  ensureAccount,
  markWindowsSpent,
  pauseAccount,
  readAccount,
  readToken,
  resumeAccount,
  saveToken,
  saveTraits,
  withTokenLock,
} from '../../src/store/accounts.ts'
import { acquireCall, endCall } from '../../src/store/calls.ts'
import { openDatabase } from '../../src/store/database.ts'
import { testDatabase } from '../helpers/database.ts'

const start = Date.parse('2026-05-02T10:00:00Z')
const clock = new VirtualClock(start)
const { db, url } = await testDatabase({ virtualClock: clock })
let principals = 0
const newAccount = () => ensureAccount(db, 'haku', `client-${++principals}`)

describe('accounts', () => {
  it('are one per provider and principal, also when many ask at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => ensureAccount(db, 'haku', 'shared')))
    expect(new Set(ids).size).toBe(1)
    expect(await ensureAccount(db, 'runsignup', 'shared')).not.toBe(ids[0])
    expect(await readAccount(db, ids[0]!)).toEqual({
      accountId: ids[0],
      provider: 'haku',
      principal: 'shared',
      traits: {},
      pause: null,
      throttles: 0,
      observedLimit: null,
      quotaLimit: null,
      reserve: null,
      externalUse: 0,
      outages: 0,
    })
    expect(await readAccount(db, 999_999)).toBe(null)
  })

  it('keep their traits', async () => {
    const account = await newAccount()
    await saveTraits(db, account, { list: 'participants', evidence: { rows: 3 } })
    await saveTraits(db, account, { evidence: { rows: 4 } })
    expect((await readAccount(db, account))?.traits).toEqual({ list: 'participants', evidence: { rows: 4 } })
  })

  it('are paused and resumed; a shorter pause changes nothing', async () => {
    const account = await newAccount()
    clock.set(start)
    await pauseAccount(db, account, { forMs: 60_000, reason: 'outage' })
    await pauseAccount(db, account, { forMs: 1_000, reason: 'throttle' })
    expect((await readAccount(db, account))?.pause).toEqual({ until: start + 60_000, reason: 'outage' })
    await resumeAccount(db, account, 'throttle')
    expect((await readAccount(db, account))?.pause).not.toBe(null)
    await resumeAccount(db, account, 'outage')
    expect((await readAccount(db, account))?.pause).toBe(null)
    await pauseAccount(db, account, { forMs: 1_000, reason: 'throttle' })
    clock.advance(1_000)
    expect((await readAccount(db, account))?.pause).toBe(null)
  })

  it('count as spent for an hour after a restore (L5)', async () => {
    const account = await newAccount()
    clock.set(start)
    await markWindowsSpent(db)
    expect((await readAccount(db, account))?.pause).toEqual({ until: start + 3_600_000, reason: 'restored' })
  })

  it('forget an observed limit only when told to', async () => {
    const account = await newAccount()
    const call = {
      accountId: account,
      class: 'poll',
      purpose: 'list',
      eventId: null,
      runId: null,
      timeoutMs: 1000,
    }
    const { callId } = await acquireCall(db, call, () => ({ go: true }))
    const end = {
      status: 200,
      errorCode: null,
      pauseMs: null,
      throttled: false,
      succeeded: true,
      limit: 250,
      used: null,
    }
    await endCall(db, callId as string, end)
    expect((await readAccount(db, account))?.observedLimit).toBe(250)
    await clearObservedLimit(db, account)
    expect((await readAccount(db, account))?.observedLimit).toBe(null)
  })
})

describe('the token (N5)', () => {
  it('is kept sealed, with its credential, and forgotten', async () => {
    const account = await newAccount()
    expect(await readToken(db, account)).toBe(null)
    await saveToken(db, account, { sealed: 'opaque', expiresAt: start + 123, credentialId: 4 })
    expect(await readToken(db, account)).toEqual({
      sealed: 'opaque',
      expiresAt: start + 123,
      credentialId: 4,
    })
    await saveToken(db, account, null)
    expect(await readToken(db, account)).toBe(null)
  })

  it('is renewed by one process at a time', async () => {
    const account = await newAccount()
    const others = Array.from({ length: 4 }, () => openDatabase(url, { max: 2 }))
    let inside = 0
    let renewals = 0
    const renew = (own: typeof db) =>
      withTokenLock(own, account, async () => {
        expect(++inside).toBe(1)
        if (!(await readToken(own, account))) {
          renewals++
          await saveToken(own, account, { sealed: `token ${renewals}`, expiresAt: start, credentialId: null })
        }
        inside--
      })
    await Promise.all([db, ...others].map(renew))
    expect(renewals).toBe(1)
    await Promise.all(others.map((other) => other.destroy()))
  })

  it('of many accounts leaves connections for the ledger', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, newAccount))
    const done = ids.map((id) =>
      withTokenLock(db, id, async () => {
        const call = {
          accountId: id,
          class: 'upkeep',
          purpose: 'token',
          eventId: null,
          runId: null,
          timeoutMs: 1000,
        }
        await acquireCall(db, call, () => ({ go: true }))
        return id
      }),
    )
    expect(await Promise.all(done)).toEqual(ids)
  })

  it('lets the next one in when the first fails', async () => {
    const account = await newAccount()
    const failed = withTokenLock(db, account, () => Promise.reject(new Error('refused')))
    await expect(failed).rejects.toThrow('refused')
    expect(await withTokenLock(db, account, async () => 'in')).toBe('in')
  })
})
