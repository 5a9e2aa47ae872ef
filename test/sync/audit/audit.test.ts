import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { cancel, editPerson, register, remove, setBib } from '../../../src/simulator/index.ts'
import { readAccount } from '../../../src/store/accounts.ts'
import { ledgerExcesses } from '../../../src/store/audit/headers.ts'
import { type Audit, keptFindings, mismatchCounts } from '../../../src/store/audit/results.ts'
import { auditAccount, auditLedger } from '../../../src/sync/audit/audit-account.ts'
import { limitsOf, withAccount } from '../../../src/sync/open-account.ts'
import { type Race, race, rowOf, stopRace } from '../crash/race.ts'

afterEach(stopRace)

const TOTALS = { envelope: 'own', totals: 'meta' } as const

async function settled(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ participants: 40, ...options })
  await r.settled()
  return r
}

/** Audits the race; the seed is always the same, so a test knows who is sampled only by sampling all. */
async function audit(r: Race, sample = 200): Promise<Audit[]> {
  const audits: Audit[] = []
  const accountId = await r.installation.accountOf(r.clientId)
  await withAccount(r.installation.services, accountId, { class: 'upkeep' }, (account) =>
    auditAccount(account, {
      class: 'upkeep',
      sample,
      seed: 'a test',
      onEvent({ audits: found, error }) {
        if (error !== null) throw error
        audits.push(...found)
      },
    }),
  )
  return audits
}

describe('an audit of an event that is as the provider has it', () => {
  it('takes one list call and a call for each sampled registration, and finds nothing', async () => {
    const r = await settled({ traits: TOTALS })
    const calls = await r.callsOf(async () => {
      expect(await audit(r, 20)).toMatchObject([
        {
          ours: 40,
          theirs: 40,
          count: 'same',
          sampled: 20,
          blind: 0,
          moved: 0,
          gone: 0,
          replayed: 40,
          findings: [],
        },
      ])
    })
    expect(calls).toMatchObject({ list: 1, detail: 20, token: 0 })
    expect(await keptFindings(r.db, 10)).toEqual([])
  })

  it('holds after edits, cancellations, removals and bibs, for whole and for thin lists', async () => {
    for (const traits of [{ ...TOTALS }, { ...TOTALS, registrationsList: 'whole' as const }]) {
      const r = await settled({ traits })
      for (const [i, key] of r.numbers().slice(0, 12).entries()) {
        if (i % 3 === 0) setBib(r.world, r.event.id, key, String(900 + i))
        else if (i % 3 === 1) cancel(r.world, r.event.id, key)
        else remove(r.world, r.event.id, key)
      }
      register(r.world, r.event.id, { bib: '801' })
      await r.sweep()
      expect(await audit(r)).toMatchObject([{ count: 'same', blind: 0, moved: 0, gone: 0, findings: [] }])
    }
  })
})

describe('an audit tells apart', () => {
  it('newcomers and people who left since the last pass from a registration that we lack', async () => {
    const r = await settled({ traits: TOTALS })
    register(r.world, r.event.id)
    expect(await audit(r, 0)).toMatchObject([{ ours: 40, theirs: 41, count: 'news', findings: [] }])
    await r.poll()
    remove(r.world, r.event.id, r.nth(3))
    expect(await audit(r, 0)).toMatchObject([{ ours: 41, theirs: 40, count: 'gone', findings: [] }])
    await r.sweep()
    // Deeper in the list than page 1, which a poll stores again.
    await sql`DELETE FROM haku_participants WHERE participant_id =
      (SELECT participant_id FROM haku_participants ORDER BY source_updated_at LIMIT 1)`.execute(r.db)
    expect(await audit(r, 0)).toMatchObject([
      { ours: 39, theirs: 40, count: 'missing', findings: [{ kind: 'count', key: '', fields: [] }] },
    ])
    expect(await mismatchCounts(r.db)).toContainEqual({ kind: 'count', count: 1 })
  })

  it('a change that the list does not show from a defect, and stores it (F4)', async () => {
    const r = await settled()
    const [blind, gone] = [r.nth(2), r.nth(5)]
    editPerson(r.world, r.event.id, blind, { lastName: 'Winterbourne' }, 'nested')
    remove(r.world, r.event.id, gone)
    expect(await audit(r)).toMatchObject([{ sampled: 40, blind: 1, moved: 0, gone: 1, findings: [] }])
    expect(await rowOf(r.db, r.event.id, blind)).toMatchObject({ last_name: 'Winterbourne' })
    expect(await audit(r)).toMatchObject([{ blind: 0, findings: [] }])
  })

  it('a change after the last pass began from one that the list hid', async () => {
    const r = await settled()
    editPerson(r.world, r.event.id, r.nth(2), { lastName: 'Winterbourne' })
    expect(await audit(r)).toMatchObject([{ blind: 0, moved: 1, findings: [] }])
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

describe('a mismatch', () => {
  it('of a row with what the provider said, and with its feed, is named by column and kept until it is mended', async () => {
    const r = await settled()
    const key = r.nth(4)
    await sql`UPDATE haku_participants SET last_name = 'Tampered' WHERE participant_id = ${key}`.execute(r.db)
    const findings = [
      { kind: 'row', key, fields: ['last_name'] },
      { kind: 'feed', key, fields: ['last_name'] },
    ]
    expect(await audit(r)).toMatchObject([{ findings }])
    const [first] = await keptFindings(r.db, 10)
    // The provider's word, not the changed row, is stored anew; and whoever had a finding is looked at again first.
    r.clock.advance(3_600_000)
    const again = await audit(r, 1)
    expect(again).toMatchObject([{ sampled: 1 }])
    const kept = await keptFindings(r.db, 10)
    expect(kept.every(({ firstSeen }) => firstSeen === first?.firstSeen)).toBe(true)
    expect(kept.filter(({ key: whose }) => whose !== key)).toEqual([])
    expect(JSON.stringify(kept)).not.toContain('Tampered')
  })

  it('of positions in the feed is a finding of the event', async () => {
    const r = await settled()
    await sql`DELETE FROM participant_changes WHERE position = 20`.execute(r.db)
    const [found] = await audit(r, 0)
    expect(found?.findings).toContainEqual({ kind: 'feed', key: '', fields: ['position'] })
  })

  it('of the ledger with the headers is what other programs on the client id used', async () => {
    const r = await settled({ traits: { quota: { limit: 500, retryAfter: 'seconds', headers: true } } })
    const accountId = await r.installation.accountOf(r.clientId)
    const state = await readAccount(r.db, accountId)
    if (state === null) throw new Error('no account')
    const limits = limitsOf(r.installation.services.config, state)
    expect(await auditLedger(r.db, accountId, limits)).toMatchObject({ excess: 0, told: expect.any(Number) })
    await sql`DELETE FROM api_calls WHERE purpose = 'detail'`.execute(r.db)
    const { told, excess } = await auditLedger(r.db, accountId, limits)
    expect(excess).toBe(40)
    expect(told).toBeGreaterThan(40)
    expect(await ledgerExcesses(r.db)).toEqual([{ accountId, excess: 40 }])
    expect(await auditLedger(r.db, accountId, { ...limits, perHour: 400, externalUse: 0.1 })).toMatchObject({
      excess: 0,
    })
  })
})

describe('an audit of an account that several timing partners share', () => {
  it('compares the rows of each by the same calls', async () => {
    const r = await settled()
    const other = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(other, r.clientId, r.organization.secrets[0] ?? '')
    await r.installation.discover(r.clientId)
    await r.poll()
    await sql`UPDATE haku_participants SET last_name = 'Tampered'
      WHERE timing_partner_id = ${other} AND participant_id = ${r.nth(1)}`.execute(r.db)
    const calls = await r.callsOf(async () => {
      const [mine, theirs] = await audit(r)
      expect(mine).toMatchObject({ partnerId: r.partnerId, sampled: 40, findings: [], calls: 41 })
      expect(theirs).toMatchObject({ partnerId: other, calls: 0 })
      expect(theirs?.findings.map(({ kind }) => kind)).toEqual(['row', 'feed'])
    })
    expect(calls.detail).toBe(40)
  })
})
