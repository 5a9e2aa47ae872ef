import { sql } from 'kysely'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../src/domain/json.ts'
import { listFingerprint } from '../../src/providers/haku/list-rows.ts'
import { haku } from '../../src/providers/haku/provider.ts'
import { editPerson, setBib } from '../../src/simulator/index.ts'
import { listRejects, readReject } from '../../src/store/overview/rejects.ts'
import { retryRejects } from '../../src/sync/rejects.ts'
import { feedFaults, feedOf, type Race, race, rowOf, stopRace } from './crash/race.ts'
import { runsOf, WHOLE } from './decisions.ts'

afterEach(async () => {
  vi.restoreAllMocks()
  await stopRace()
})

const rejects = ({ db }: Race) => listRejects(db, { after: 0, limit: 100 })

/** A release whose mapping cannot read phones. */
function olderMapping(): void {
  const { map } = haku
  vi.spyOn(haku, 'map').mockImplementation((raw, stale) => {
    const { fields, problems } = map(raw, stale)
    const phone = { field: 'phone' as const, reason: 'not a phone number', raw: fields.phone ?? '' }
    return { fields: { ...fields, phone: null }, problems: [...problems, phone] }
  })
}

describe('a rejected field', () => {
  async function withRejects(): Promise<{ r: Race; keys: string[] }> {
    const r = await race({ participants: 30, traits: WHOLE })
    await r.settled()
    const keys = [r.nth(3), r.nth(4)]
    olderMapping()
    for (const [i, key] of keys.entries()) editPerson(r.world, r.event.id, key, { phone: `555-000-000${i}` })
    await r.poll()
    vi.restoreAllMocks()
    expect(await rejects(r)).toMatchObject(
      keys.map((key) => ({ kind: 'field', field: 'phone', recordKey: key })),
    )
    return { r, keys }
  }

  it('that the present mapping reads is stored by a retry, without a call, and leaves the list (F5)', async () => {
    const { r, keys } = await withRejects()
    const calls = await r.callsOf(async () => {
      expect(await retryRejects(r.installation.services)).toMatchObject([{ before: 2, left: 0 }])
    })
    expect(calls.all).toBe(0)
    expect(await rejects(r)).toEqual([])
    const fed = (await feedOf(r.db, r.event.id, r.partnerId)).slice(-2)
    expect(fed).toMatchObject([
      { key: keys[0], change: 'changed', fields: { phone: [expect.anything(), '555-000-0000'] } },
      { key: keys[1], change: 'changed' },
    ])
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    // It is a run of its own, and so can be undone.
    expect(await runsOf(r, 'remap')).toHaveLength(1)
  })

  it('is retried alone by its id', async () => {
    const { r, keys } = await withRejects()
    const [first] = await rejects(r)
    expect(await readReject(r.db, first?.rejectId ?? 0)).toMatchObject({ raw: '555-000-0000' })
    await retryRejects(r.installation.services, first?.rejectId)
    expect(await rejects(r)).toMatchObject([{ recordKey: keys[1] }])
  })

  it('that is still unreadable stays, with its first date', async () => {
    const { r } = await withRejects()
    const before = await rejects(r)
    olderMapping()
    r.clock.advance(60_000)
    expect(await retryRejects(r.installation.services)).toMatchObject([{ before: 2, left: 2 }])
    expect(await rejects(r)).toMatchObject(before.map(({ rejectId, firstSeen }) => ({ rejectId, firstSeen })))
  })

  it('is read by a newer mapping without being asked to (F5)', async () => {
    const { r } = await withRejects()
    await sql`UPDATE partner_sync SET derived_from = 'an older mapping'`.execute(r.db)
    await sql`UPDATE haku_participants SET mapping_version = 0`.execute(r.db)
    expect((await r.callsOf(() => r.poll())).all).toBe(1)
    expect(await rejects(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })

  it('that says a detail is missing is no retry’s to mend (F2)', async () => {
    const r = await race({ participants: 12 })
    await r.settled()
    editPerson(r.world, r.event.id, r.nth(3), { phone: '555-000-3333' })
    r.haku.traits.detail = 'missing'
    await r.poll()
    expect(await rejects(r)).toMatchObject([{ field: 'detail' }])
    await retryRejects(r.installation.services)
    expect(await rejects(r)).toMatchObject([{ field: 'detail' }])
  })
})

describe('a record that was rejected whole', () => {
  /** One without a number, which the release after this one finds elsewhere. */
  async function nameless(): Promise<{ r: Race; key: string }> {
    const r = await race({ participants: 30, traits: WHOLE })
    await r.settled()
    const key = r.nth(4)
    setBib(r.world, r.event.id, key, '404')
    r.haku.faults.add({ fault: { kind: 'malformed', defects: ['no-number'], numbers: [key] } })
    await r.poll()
    expect(await rejects(r)).toMatchObject([{ kind: 'record' }])
    vi.spyOn(haku, 'rereadRecord').mockImplementation((raw) => {
      const record = JSON.parse(raw) as JsonObject
      return { row: { key, stamp: null, fingerprint: listFingerprint(record), record }, whole: true }
    })
    return { r, key }
  }

  it('is read by a newer release without being asked to (F5)', async () => {
    const { r, key } = await nameless()
    await sql`UPDATE partner_sync SET derived_from = 'an older mapping'`.execute(r.db)
    // Before any list is read.
    r.haku.faults.clear()
    r.haku.faults.add({ fault: { kind: 'status', status: 503 } })
    await r.poll()
    expect(await rejects(r)).toEqual([])
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ provider_bib: '404' })
  })

  it('for a number that a newer release finds is stored by a retry, without a call (D2, F5)', async () => {
    const { r, key } = await nameless()
    const calls = await r.callsOf(async () => {
      expect(await retryRejects(r.installation.services)).toMatchObject([{ before: 1, left: 0 }])
    })
    expect(calls.all).toBe(0)
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ provider_bib: '404', owed: false })
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('by PostgreSQL is stored by a retry once it can be (D2)', async () => {
    const r = await race({ participants: 30, traits: WHOLE })
    await sql`ALTER TABLE haku_participants ADD CONSTRAINT never CHECK (provider_bib <> '666')`.execute(r.db)
    setBib(r.world, r.event.id, r.nth(4), '666')
    await r.sync()
    expect(await retryRejects(r.installation.services)).toMatchObject([{ before: 1, left: 1 }])
    await sql`ALTER TABLE haku_participants DROP CONSTRAINT never`.execute(r.db)
    const calls = await r.callsOf(async () => {
      expect(await retryRejects(r.installation.services)).toMatchObject([{ before: 1, left: 0 }])
    })
    expect(calls.all).toBe(0)
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    // It is known from now on: no page is read for it again.
    await r.poll()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1 })
  })

  it('that says nothing stays', async () => {
    const r = await race({ participants: 30, traits: WHOLE })
    r.haku.faults.add({ fault: { kind: 'malformed', defects: ['null', 'text', 'array'], rows: 3 } })
    await r.sync()
    const before = (await rejects(r)).length
    expect(before).toBeGreaterThan(0)
    expect(await retryRejects(r.installation.services)).toMatchObject([{ before, left: before }])
  })
})
