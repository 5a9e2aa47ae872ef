import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { setBib, setSecrets } from '../../src/simulator/index.ts'
import { setSecret } from '../../src/store/credentials.ts'
import { seal } from '../../src/store/secrets.ts'
import { race, stopRace } from './crash/race.ts'

afterEach(stopRace)

const WHOLE = { registrationsList: 'whole' } as const

describe('tokens', () => {
  it('are asked for once in their lifetime, however often is polled (S1, N5; defect 14)', async () => {
    const r = await race({ participants: 12, traits: WHOLE, startsAt: '2026-05-02T07:00:00' })
    const calls = await r.callsOf(async () => {
      for (let i = 0; i < 180; i++) await r.poll()
    })
    // Three hours of tokens that live one and are renewed five minutes early; the first is discovery's.
    expect(calls.token).toBeLessThanOrEqual(4)
    expect(calls.list).toBeLessThanOrEqual(180 + 2)
  })

  it('that are suddenly worthless cost one refused call, one renewal and one retry (N4; defect 38)', async () => {
    const r = await race({ participants: 12, traits: WHOLE })
    await r.settled()
    r.haku.revokeTokens()
    expect(await r.callsOf(() => r.sync())).toMatchObject({ list: 2, token: 1, all: 3 })
    expect(await r.callsOf(() => r.poll())).toMatchObject({ all: 1 })
  })

  it('that are refused however fresh stop the account at once (N4)', async () => {
    const r = await race({
      participants: 12,
      traits: WHOLE,
      also: [{ participants: 3 }, { participants: 3 }],
    })
    await r.settled()
    r.haku.faults.add({
      match: { endpoint: ['participants', 'registrations'] },
      fault: { kind: 'status', status: 401 },
    })
    const calls = await r.callsOf(async () => {
      const outcome = await r.sync()
      expect(outcome.stopped?.code).toBe('TOKEN_REFUSED')
    })
    expect(calls.all).toBeLessThanOrEqual(4)
  })
})

describe('a refused secret', () => {
  it('is asked with at most twice until it is changed (N4; defect 40)', async () => {
    const r = await race({ participants: 12, traits: WHOLE })
    await r.settled()
    setSecrets(r.world, r.clientId, ['another-secret-of-a-test'])
    r.haku.revokeTokens()
    const calls = await r.callsOf(async () => {
      for (let i = 0; i < 10; i++)
        await r.poll().catch((error) => expect(error.code).toBe('CREDENTIAL_REFUSED'))
    })
    expect(calls.token).toBeLessThanOrEqual(2)
    expect(calls.all).toBeLessThanOrEqual(3)
    const { db, key } = r.installation.services
    await setSecret(
      db,
      r.credentialId,
      await seal(key, `credential:${r.credentialId}`, 'another-secret-of-a-test'),
    )
    setBib(r.world, r.event.id, r.nth(3), '33')
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

describe('a spent quota', () => {
  it('is an error that says when, and no call more (L3)', async () => {
    const r = await race({ participants: 80, env: { HAKU_QUOTA_PER_HOUR: '20' } })
    const outcome = await r.sync({ eventId: r.event.id })
    const error = outcome.stopped ?? outcome.events[0]?.error
    expect(error?.code).toBe('QUOTA_SPENT')
    expect(error?.retryAt).toBeGreaterThan(r.clock.now())
    expect(error?.retryAt).toBeLessThanOrEqual(r.clock.now() + 3_700_000)
    expect(r.haku.calls.last).toBe(20)
    expect((await r.callsOf(() => r.sync({ eventId: r.event.id }))).all).toBe(0)
    r.clock.set(error?.retryAt ?? 0)
    expect((await r.callsOf(() => r.sync({ eventId: r.event.id }))).all).toBeGreaterThan(0)
  })

  it('is waited for over hours, and never overdrawn in any of them (L1, L2; defects 36, 38)', async () => {
    const r = await race({
      participants: 120,
      env: { HAKU_QUOTA_PER_HOUR: '40' },
      startsAt: '2026-05-20T07:00:00',
    })
    const began = r.clock.now()
    // Retries, refused calls and lost answers count as well.
    r.haku.faults.add({ share: 0.1, fault: { kind: 'status', status: 503 } })
    r.haku.faults.add({ share: 0.1, fault: { kind: 'reset', when: 'body' } })
    r.haku.faults.add({ share: 0.05, fault: { kind: 'throttle', retryAfter: 20 } })
    const waits: number[] = []
    for (let i = 0; i < 12 && (await r.differences()).length > 0; i++) {
      await r.sync({}, { wait: true, onWait: ({ until }) => waits.push(until) }).catch(() => {})
      r.clock.advance(60_000)
    }
    expect(await r.differences()).toEqual([])
    expect(waits.length).toBeGreaterThan(0)
    expect((r.clock.now() - began) / 3_600_000).toBeGreaterThan(3)
    expect(r.haku.calls.maxInWindow()).toBeLessThanOrEqual(40)
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM api_calls`.execute(r.db)
    expect(rows[0]?.n).toBeGreaterThanOrEqual(Math.min(r.haku.calls.last, 40))
  })

  it('of many events with --wait is paced as well (L3)', async () => {
    const also = Array.from({ length: 5 }, (_, i) => ({
      startsAt: `2026-06-1${i}T07:00:00`,
      participants: 30,
    }))
    const r = await race({ participants: 30, env: { HAKU_QUOTA_PER_HOUR: '25' }, traits: WHOLE, also })
    for (let i = 0; i < 3; i++) await r.sync({}, { wait: true })
    expect(await r.differences()).toEqual([])
    expect(r.haku.calls.maxInWindow()).toBeLessThanOrEqual(25)
  })
})
