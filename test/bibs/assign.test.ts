import { sql } from 'kysely'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { assignBibs, type BibRequest } from '../../src/bibs/assign.ts'
import { changeBibAuthority } from '../../src/bibs/authority.ts'
import type { WantedBib } from '../../src/bibs/file.ts'
import { editPerson, remove, setBib } from '../../src/simulator/index.ts'
import { bibConflicts } from '../../src/store/bibs/conflicts.ts'
import { type BibList, bibLists } from '../../src/store/bibs/lists.ts'
import { appendChanges } from '../../src/store/changes.ts'
import { openDatabase } from '../../src/store/database.ts'
import { readRows } from '../../src/store/participants/read.ts'
import { hakuParticipants } from '../../src/store/participants/table.ts'
import { undoRuns } from '../../src/sync/undo.ts'
import { feedFaults, feedOf, type Race, race, rowOf, stopRace } from '../sync/crash/race.ts'
import { WHOLE } from '../sync/decisions.ts'

afterEach(stopRace)

/** A race that is read, with nobody's bib given by the provider unless a test does. */
async function settled(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ traits: WHOLE, participants: 30, ...options })
  for (const n of r.numbers()) setBib(r.world, r.event.id, n, null)
  await r.settled()
  return r
}

async function listOf(r: Race, partnerId = r.partnerId): Promise<BibList> {
  const [list] = await bibLists(r.db, { eventId: r.event.id, partnerId })
  if (list === undefined) throw new Error('no list')
  return list
}

const wanted = (bibs: Record<string, string | null>): WantedBib[] =>
  Object.entries(bibs).map(([registration, bib]) => ({ line: 0, registration, person: null, bib }))

async function give(r: Race, bibs: Record<string, string | null>, more: Partial<BibRequest> = {}) {
  const request = { wanted: wanted(bibs), takesBack: true, allowDuplicates: false, preview: false, ...more }
  return assignBibs(r.db, await listOf(r), request)
}

const bibs = async (r: Race, key: string) => {
  const { bib_number, provider_bib, local_bib } = (await rowOf(r.db, r.event.id, key))!
  return { bib_number, provider_bib, local_bib }
}

const faults = (r: Race) => feedFaults(r.db, r.event.id, r.partnerId)
const lastEntry = async (r: Race) => (await feedOf(r.db, r.event.id, r.partnerId)).at(-1)

describe('a bib that a timing partner gives', () => {
  it('is effective where the provider has none, is told in the feed, and costs no call', async () => {
    const r = await settled()
    const calls = await r.callsOf(async () => {
      expect(await give(r, { [r.nth(0)]: '0412' })).toMatchObject({ changed: 1, blocked: false })
    })
    expect(calls.all).toBe(0)
    expect(await bibs(r, r.nth(0))).toEqual({ bib_number: '0412', provider_bib: null, local_bib: '0412' })
    expect(await lastEntry(r)).toMatchObject({
      key: r.nth(0),
      change: 'changed',
      fields: { bib_number: [null, '0412'], local_bib: [null, '0412'] },
    })
    await r.sweep()
    expect(await bibs(r, r.nth(0))).toMatchObject({ bib_number: '0412' })
    expect(await faults(r)).toEqual([])
    // The hash is that of the row: mapping it again writes nothing.
    await sql`UPDATE partner_sync SET derived_from = 'an older mapping'`.execute(r.db)
    const fed = (await feedOf(r.db, r.event.id, r.partnerId)).length
    await r.poll()
    expect((await feedOf(r.db, r.event.id, r.partnerId)).length).toBe(fed)
  })

  it("stands behind the provider's or before it, as the event says, and comes back when that goes", async () => {
    const r = await settled()
    const key = r.nth(0)
    setBib(r.world, r.event.id, key, '7')
    await r.poll()
    await give(r, { [key]: '412' })
    expect(await bibs(r, key)).toEqual({ bib_number: '7', provider_bib: '7', local_bib: '412' })
    expect((await lastEntry(r))?.fields).toEqual({ local_bib: [null, '412'] })
    setBib(r.world, r.event.id, key, null)
    await r.poll()
    expect(await bibs(r, key)).toEqual({ bib_number: '412', provider_bib: null, local_bib: '412' })
    await changeBibAuthority(r.db, await listOf(r), 'local')
    setBib(r.world, r.event.id, key, '8')
    await r.poll()
    await give(r, { [key]: '413' })
    expect(await bibs(r, key)).toEqual({ bib_number: '413', provider_bib: '8', local_bib: '413' })
    await give(r, { [key]: null })
    expect(await bibs(r, key)).toEqual({ bib_number: '8', provider_bib: '8', local_bib: null })
    expect(await faults(r)).toEqual([])
  })

  it('counts at once when the event says so, or no longer, and the next pass finds nothing to mend', async () => {
    const r = await settled()
    const [both, ours] = [r.nth(0), r.nth(1)]
    setBib(r.world, r.event.id, both, '7')
    await r.poll()
    await give(r, { [both]: '412', [ours]: '413' })
    expect(await changeBibAuthority(r.db, await listOf(r), 'local')).toBe(1)
    expect(await bibs(r, both)).toEqual({ bib_number: '412', provider_bib: '7', local_bib: '412' })
    const fed = (await feedOf(r.db, r.event.id, r.partnerId)).length
    await r.poll()
    expect((await feedOf(r.db, r.event.id, r.partnerId)).length).toBe(fed)
    expect(await changeBibAuthority(r.db, await listOf(r), 'provider')).toBe(1)
    expect(await bibs(r, both)).toMatchObject({ bib_number: '7' })
    expect(await bibs(r, ours)).toMatchObject({ bib_number: '413' })
    expect(await faults(r)).toEqual([])
  })

  it('is refused where another races with it, all of a file or nothing', async () => {
    const r = await settled()
    await give(r, { [r.nth(0)]: '1' })
    const fed = await feedOf(r.db, r.event.id, r.partnerId)
    expect(await give(r, { [r.nth(1)]: '2', [r.nth(2)]: '1' })).toMatchObject({ blocked: true, changed: 0 })
    expect(await give(r, { [r.nth(1)]: '2' }, { preview: true })).toMatchObject({
      blocked: false,
      changed: 0,
    })
    expect(await bibs(r, r.nth(1))).toMatchObject({ local_bib: null })
    expect(await feedOf(r.db, r.event.id, r.partnerId)).toEqual(fed)
    expect(await give(r, { [r.nth(2)]: '1' }, { allowDuplicates: true })).toMatchObject({ changed: 1 })
    expect(await bibConflicts(r.db, await listOf(r), { most: 10 })).toMatchObject([
      { kind: 'twice', bib: '1', live: true },
      { kind: 'twice', bib: '1', live: true },
    ])
  })

  it('is free again when its holder is gone', async () => {
    const r = await settled()
    const [gone, next] = [r.nth(0), r.nth(1)]
    await give(r, { [gone]: '1' })
    remove(r.world, r.event.id, gone)
    await r.sweep()
    expect(await give(r, { [next]: '1' })).toMatchObject({ changed: 1 })
    expect(await give(r, { [gone]: '2' })).toMatchObject({ changed: 0, lines: [{ outcome: 'gone' }] })
    expect(await bibConflicts(r.db, await listOf(r), { most: 10 })).toMatchObject([
      { key: next, live: true },
      { key: gone, live: false, status: 'removed' },
    ])
  })

  it('is told in an order in which nobody else has it, also over many rows', async () => {
    const r = await settled({ participants: 600 })
    const shift = (by: number) => Object.fromEntries(r.numbers().map((n, i) => [n, String(1_000 + i + by)]))
    expect(await give(r, shift(0))).toMatchObject({ changed: 600 })
    const fed = (await feedOf(r.db, r.event.id, r.partnerId)).length
    // Each takes the bib that the next one has to give first.
    expect(await give(r, shift(1))).toMatchObject({ changed: 600 })
    const held = new Set(Object.values(shift(0)))
    for (const { fields } of (await feedOf(r.db, r.event.id, r.partnerId)).slice(fed)) {
      const [old, now] = fields.bib_number!
      held.delete(old as string)
      expect(held.has(now as string)).toBe(false)
      held.add(now as string)
    }
    expect(await faults(r)).toEqual([])
  })

  it('is the timing partner’s own where two share the event', async () => {
    const r = await settled()
    const second = await r.installation.addPartner('Birch Timing')
    await r.installation.addCredential(second, r.clientId, r.organization.secrets[0]!)
    await r.installation.discover(r.clientId)
    await r.sweep()
    await give(r, { [r.nth(0)]: '412' })
    expect(await rowOf(r.db, r.event.id, r.nth(0), second)).toMatchObject({
      local_bib: null,
      bib_number: null,
    })
    expect(await rowOf(r.db, r.event.id, r.nth(0), r.partnerId)).toMatchObject({ bib_number: '412' })
    setBib(r.world, r.event.id, r.nth(0), '7')
    await r.poll()
    for (const partner of [second, r.partnerId])
      expect(await rowOf(r.db, r.event.id, r.nth(0), partner)).toMatchObject({ bib_number: '7' })
  })
})

describe('bibs that are given while the event is read', () => {
  it('never wait in a circle with a page: whoever locks rows has locked the feed', async () => {
    const r = await settled()
    const event = { provider: 'haku', partnerId: r.partnerId, eventId: r.event.id }
    const key = r.nth(0)
    let setting: Promise<unknown> = Promise.resolve()
    await r.db.transaction().execute(async (trx) => {
      await readRows(trx, hakuParticipants, event, [key])
      setting = give(r, { [key]: '412' })
      await somebodyWaits(r)
      await appendChanges(trx, event, null, [
        { key, change: 'changed', fields: { first_name: ['A', 'A'] }, sourceUpdatedAt: null },
      ])
    })
    await expect(setting).resolves.toMatchObject({ changed: 1 })
    expect(await bibs(r, key)).toMatchObject({ bib_number: '412' })
  })

  it('lose nothing, and nothing of the provider’s is lost', async () => {
    const r = await settled({ participants: 60 })
    const other = openDatabase(await urlOf(r), { virtualClock: r.clock })
    try {
      const list = await listOf(r)
      for (let round = 1; round <= 12; round++) {
        const given: Record<string, string | null> = {}
        for (const [i, n] of r.numbers().entries()) {
          // The provider gives and takes bibs of some, and renames others, while all get one of ours.
          if (i % 3 === round % 3) setBib(r.world, r.event.id, n, round % 2 ? `P${round}-${i}` : null)
          else if (i % 3 === 0) editPerson(r.world, r.event.id, n, { phone: `555-${round}-${i}` })
          given[n] = `L${round}-${i}`
        }
        const request = { wanted: wanted(given), takesBack: true, allowDuplicates: false, preview: false }
        const [polled, assigned] = await Promise.all([r.poll(), assignBibs(other, list, request)])
        expect(polled.events[0]).toMatchObject({ error: null })
        expect(assigned).toMatchObject({ changed: 60 })
        for (const [key, local] of Object.entries(given)) {
          const row = await bibs(r, key)
          expect(row).toEqual({ ...row, local_bib: local, bib_number: row.provider_bib ?? local })
        }
        expect(await r.differences(r.partnerId, ['bib_number'])).toEqual([])
      }
      expect(await faults(r)).toEqual([])
    } finally {
      await other.destroy()
    }
  })

  it('are one bib’s only for the first of two who give it at once', async () => {
    const r = await settled()
    const results = await Promise.all(
      r
        .numbers()
        .slice(0, 8)
        .map((n) => give(r, { [n]: '1' })),
    )
    expect(results.filter(({ changed }) => changed === 1)).toHaveLength(1)
    expect(await bibConflicts(r.db, await listOf(r), { most: 10 })).toEqual([])
  })
})

describe('undo of bibs that were given', () => {
  const undo = (r: Race, runId: number | null, onlyUntouched = false) =>
    undoRuns(r.installation.services, { runIds: [runId ?? 0], onlyUntouched })

  it('brings the older ones back, and asks the provider nothing', async () => {
    const r = await settled()
    await give(r, { [r.nth(0)]: '1', [r.nth(1)]: '2' })
    const { runId } = await give(r, { [r.nth(0)]: '2', [r.nth(1)]: '1', [r.nth(2)]: '3' })
    expect(await undo(r, runId)).toMatchObject([{ changed: 3, rereads: 0, skipped: 0 }])
    expect(await bibs(r, r.nth(0))).toMatchObject({ local_bib: '1', bib_number: '1' })
    expect(await bibs(r, r.nth(2))).toMatchObject({ local_bib: null, bib_number: null })
    expect(await faults(r)).toEqual([])
    expect((await r.callsOf(() => r.poll())).all).toBe(1)
    expect(await r.differences(r.partnerId, ['bib_number'])).toEqual([])
  })

  it('goes with what the provider said since, and not over bibs that were given since', async () => {
    const r = await settled()
    const { runId } = await give(r, { [r.nth(0)]: '1', [r.nth(1)]: '2', [r.nth(2)]: '3' })
    setBib(r.world, r.event.id, r.nth(0), '1')
    editPerson(r.world, r.event.id, r.nth(1), { firstName: 'Nadia' })
    await r.poll()
    await give(r, { [r.nth(2)]: '4' })
    await expect(undo(r, runId)).rejects.toMatchObject({ code: 'CHANGED_SINCE' })
    expect(await undo(r, runId, true)).toMatchObject([{ changed: 2, skipped: 1 }])
    expect(await bibs(r, r.nth(0))).toEqual({ bib_number: '1', provider_bib: '1', local_bib: null })
    expect(await rowOf(r.db, r.event.id, r.nth(1))).toMatchObject({ first_name: 'Nadia', bib_number: null })
    expect(await bibs(r, r.nth(2))).toMatchObject({ bib_number: '4' })
    expect(await faults(r)).toEqual([])
  })
})

async function urlOf({ db }: Race): Promise<string> {
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(db)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0]?.name}`
  return url.href
}

/** Until another session of this database waits for a lock. */
async function somebodyWaits({ db }: Race): Promise<void> {
  for (;;) {
    const { rows } = await sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db)
    if (rows.length > 0) return
  }
}
