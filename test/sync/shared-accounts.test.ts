import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { assignBibs, cancel, editPerson, register, setBib, setSecrets } from '../../src/simulator/index.ts'
import { setSecret } from '../../src/store/credentials.ts'
import { seal } from '../../src/store/secrets.ts'
import { countRows, feedFaults, feedOf, type Race, race, rowOf, stopRace } from './crash/race.ts'

afterEach(stopRace)

const SECRETS = ['first-secret-of-a-test', 'second-secret-of-a-test']

/** One client id with a secret each for two timing partners; the second is not there yet. */
async function account(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ participants: 40, ...options })
  r.organization.secrets.push(...SECRETS)
  return r
}

async function join(r: Race, secret: string | undefined = SECRETS[0]) {
  const partnerId = await r.installation.addPartner('Birch Timing')
  const credentialId = await r.installation.addCredential(partnerId, r.clientId, secret ?? '')
  return { partnerId, credentialId }
}

async function correct(r: Race, credentialId: number, secret: string | undefined): Promise<void> {
  const { db, key } = r.installation.services
  await setSecret(db, credentialId, await seal(key, `credential:${credentialId}`, secret ?? ''))
}

async function credential(r: Race, credentialId: number) {
  const { rows } = await sql<{ state: string; proven: boolean }>`
    SELECT state, proven_at IS NOT NULL AS proven FROM partner_provider_credentials
    WHERE partner_provider_credential_id = ${credentialId}`.execute(r.db)
  return rows[0]
}

async function stateOfHolder(r: Race, partnerId: number): Promise<string | undefined> {
  const { rows } = await sql<{ state: string }>`
    SELECT state FROM partner_sync WHERE event_id = ${r.event.id} AND timing_partner_id = ${partnerId}`.execute(
    r.db,
  )
  return rows[0]?.state
}

/** From now on PostgreSQL takes no row of this partner, for a reason that is no single row's. */
async function forbid(r: Race, partnerId: number, when = 'true'): Promise<() => Promise<void>> {
  await sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'not for this partner'; END $$`.execute(r.db)
  await sql`
    CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON haku_participants FOR EACH ROW
    WHEN (NEW.timing_partner_id = ${sql.lit(partnerId)} AND ${sql.raw(when)}) EXECUTE FUNCTION refuse()`.execute(
    r.db,
  )
  return async () => {
    await sql`DROP TRIGGER refuse ON haku_participants`.execute(r.db)
  }
}

describe('two timing partners on one client id', () => {
  it('cost the calls of one, and both have every runner (S2; defects 33, 43)', async () => {
    const alone = await account()
    const one = await alone.callsOf(() => alone.sync())
    const r = await account()
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    const both = await r.callsOf(() => r.sync())
    expect(both).toMatchObject({ list: one.list, detail: one.detail })
    expect(await r.differences()).toEqual([])
    expect(await r.differences(birch.partnerId)).toEqual([])
    await r.poll()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1, all: 1 })
  })

  it('give the one with a wrong secret nothing, and ask with it once (S1, N4; defect 51)', async () => {
    const r = await account()
    await r.settled()
    const birch = await join(r, 'a-wrong-secret-of-a-test')
    const calls = await r.callsOf(async () => {
      await r.installation.discover(r.clientId)
      for (let i = 0; i < 10; i++) {
        const outcome = await r.poll()
        expect(outcome.events[0]?.lines.map((line) => line.partnerId)).toEqual([r.partnerId])
      }
    })
    expect(calls.token).toBeLessThanOrEqual(2)
    expect(await credential(r, birch.credentialId)).toEqual({ state: 'Refused', proven: false })
    const { rows } = await sql<{ n: number }>`
      SELECT (SELECT count(*) FROM haku_events WHERE timing_partner_id = ${birch.partnerId})::int
        + (SELECT count(*) FROM haku_participants WHERE timing_partner_id = ${birch.partnerId})::int
        + (SELECT count(*) FROM participant_changes WHERE timing_partner_id = ${birch.partnerId})::int
        + (SELECT count(*) FROM rejected_records WHERE timing_partner_id = ${birch.partnerId})::int
        + (SELECT count(*) FROM sync_history WHERE timing_partner_id = ${birch.partnerId})::int AS n`.execute(
      r.db,
    )
    expect(rows[0]?.n).toBe(0)
  })

  it('level the one whose secret was mended by copying, bibs and all (S2)', async () => {
    const r = await account()
    await r.settled()
    const birch = await join(r, 'a-wrong-secret-of-a-test')
    await r.poll()
    await correct(r, birch.credentialId, SECRETS[1])
    await r.installation.discover(r.clientId)
    r.clock.advance(60_000)
    expect(await r.callsOf(() => r.sync())).toEqual({ list: 1, detail: 0, token: 0, all: 1 })
    expect(await r.differences(birch.partnerId)).toEqual([])
    expect(await stateOfHolder(r, birch.partnerId)).toBe('current')
    // Its feed begins with what there is, and not with the sibling's past.
    const feed = await feedOf(r.db, r.event.id, birch.partnerId)
    expect(feed.every((entry) => entry.change === 'added')).toBe(true)
    expect(await feedFaults(r.db, r.event.id, birch.partnerId)).toEqual([])
  })

  it('level the one who was locked out for a while: nothing of that time is lost or paid for twice (S1, S2)', async () => {
    const r = await account({ participants: 80 })
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    await r.settled()
    // The first partner's secret is no longer good; once its token is old, the second's is used.
    setSecrets(r.world, r.clientId, [SECRETS[0] ?? ''])
    r.clock.advance(3_600_000)
    await r.sync()
    expect(await credential(r, r.credentialId)).toMatchObject({ state: 'Refused' })
    assignBibs(r.world, r.event.id, 30)
    cancel(r.world, r.event.id, r.nth(60))
    await r.poll()
    r.clock.advance(60_000)
    setBib(r.world, r.event.id, r.nth(70), '970')
    await r.poll()
    expect(await r.differences(birch.partnerId)).toEqual([])
    await correct(r, r.credentialId, SECRETS[0])
    const calls = await r.callsOf(() => r.poll())
    expect(calls).toMatchObject({ list: 1, detail: 0 })
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('keep each their own bibs when one is levelled (S2, D3)', async () => {
    const r = await account()
    await r.settled()
    await sql`UPDATE haku_participants SET local_bib = 'L1' WHERE participant_id = ${r.nth(2)}`.execute(r.db)
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    await r.poll()
    expect(await rowOf(r.db, r.event.id, r.nth(2), birch.partnerId)).toMatchObject({ local_bib: null })
    expect(await rowOf(r.db, r.event.id, r.nth(2), r.partnerId)).toMatchObject({ local_bib: 'L1' })
  })

  it('give a newcomer in the middle of a first load its first pages as well (S2, W3)', async () => {
    const r = await account({ participants: 100, traits: { registrationsList: 'whole' } })
    const cut = r.haku.faults.add({ match: { page: 3 }, fault: { kind: 'status', status: 502 } })
    await r.sync()
    cut.remove()
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await r.differences(birch.partnerId)).toEqual([])
  })
})

describe('a partner whose rows the database does not take, beside one whose it takes', () => {
  it('is set behind while the other is current, and is levelled without a call when it can be (S2, D1; defects 41, 42)', async () => {
    const r = await account({ participants: 60 })
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    await r.settled()
    const allow = await forbid(r, birch.partnerId)
    setBib(r.world, r.event.id, r.nth(5), '905')
    register(r.world, r.event.id)
    const outcome = await r.poll()
    expect(outcome).toMatchObject({ stopped: null, events: [{ error: null }] })
    expect(await r.differences()).toEqual([])
    expect(await stateOfHolder(r, birch.partnerId)).toBe('behind')
    // Nor do the next polls of the other one suffer, details included.
    editPerson(r.world, r.event.id, r.nth(6), { phone: '555-000-3333' })
    const calls = await r.callsOf(async () => {
      expect(await r.poll()).toMatchObject({ stopped: null, events: [{ error: null }] })
    })
    expect(calls).toMatchObject({ list: 1, detail: 1 })
    expect(await r.differences()).toEqual([])
    await allow()
    await r.poll()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ all: 1 })
    expect(await stateOfHolder(r, birch.partnerId)).toBe('current')
    expect(await r.differences(birch.partnerId)).toEqual([])
    expect(await feedFaults(r.db, r.event.id, birch.partnerId)).toEqual([])
  })

  it('only from its details on has none of them asked for again and again (S2, F2)', async () => {
    const r = await account({ participants: 12 })
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    const allow = await forbid(r, birch.partnerId, 'NEW.detail_read_at IS NOT NULL')
    // A circle would end here, with an error instead of an answer.
    const calls = await r.callsOf(() => r.sync({}, { signal: AbortSignal.timeout(20_000) }))
    expect(calls.detail).toBe(12)
    expect(await r.differences()).toEqual([])
    expect(await stateOfHolder(r, birch.partnerId)).toBe('behind')
    await allow()
    expect((await r.callsOf(() => r.poll())).detail).toBe(0)
    expect(await r.differences(birch.partnerId)).toEqual([])
  })

  it('delays nobody from the first load on (S2; defect 43)', async () => {
    const r = await account()
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    const allow = await forbid(r, birch.partnerId)
    await r.sync()
    expect(await r.differences()).toEqual([])
    expect(await countRows(r.db, r.event.id, birch.partnerId)).toBe(0)
    await allow()
    await r.poll()
    expect(await r.differences(birch.partnerId)).toEqual([])
  })

  it('is not taken for current after a restart in the middle of the sweep (S2, W3)', async () => {
    const r = await account({ participants: 100, traits: { registrationsList: 'whole' } })
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    const allow = await forbid(r, birch.partnerId)
    const cut = r.haku.faults.add({ match: { page: 3 }, fault: { kind: 'status', status: 502 } })
    await r.sync()
    cut.remove()
    await allow()
    await r.poll()
    await r.poll()
    expect(await r.differences(birch.partnerId)).toEqual([])
  })

  it('does not keep the others from a new race day (S2, F5)', async () => {
    const r = await account()
    const birch = await join(r)
    await r.installation.discover(r.clientId)
    await r.settled()
    const allow = await forbid(r, birch.partnerId)
    await sql`UPDATE haku_events SET starts_at = starts_at + interval '200 days'`.execute(r.db)
    expect(await r.poll()).toMatchObject({ stopped: null, events: [{ error: null }] })
    expect((await r.differences(r.partnerId)).filter((d) => d.what === 'age')).toEqual([])
    await allow()
    await r.poll()
    expect((await r.differences(birch.partnerId)).filter((d) => d.what === 'age')).toEqual([])
  })
})

describe('a secret that could not be tried', () => {
  it('because the token endpoint is down delays no partner whose own is proven (S1)', async () => {
    const r = await account()
    await r.settled()
    await join(r)
    setBib(r.world, r.event.id, r.nth(5), '905')
    r.haku.faults.add({ match: { endpoint: 'token' }, fault: { kind: 'status', status: 503 } })
    expect(await r.poll()).toMatchObject({ stopped: null, events: [{ error: null }] })
    expect(await r.differences()).toEqual([])
  })
})
