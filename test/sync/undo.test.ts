import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { StartlistError } from '../../src/domain/errors.ts'
import { assignBibs, editPerson, register, remove, restore, setBib } from '../../src/simulator/index.ts'
import { type Undone, undoRuns } from '../../src/sync/undo.ts'
import { countRows, feedFaults, feedOf, type Race, race, rowOf, stateOf, stopRace } from './crash/race.ts'
import { runsOf, WHOLE } from './decisions.ts'

afterEach(stopRace)

async function settled(options: Parameters<typeof race>[0] = {}): Promise<Race> {
  const r = await race({ traits: WHOLE, ...options })
  await r.settled()
  return r
}

/** The rows of an event, but for what every write changes. */
async function rowsOf({ db, event }: Race): Promise<unknown[]> {
  const { rows } = await sql<{ row: unknown }>`
    SELECT to_jsonb(p) - ARRAY['id', 'fetched_at', 'fetched_date', 'removed_at', 'removal_note', 'raw_data', 'detail_of',
      'list_fingerprint', 'detail_read_at', 'list_pass', 'source_updated_at', 'absences'] AS row
    FROM haku_participants p WHERE event_id = ${event.id} ORDER BY participant_id`.execute(db)
  return rows.map(({ row }) => row)
}

const undo = (r: Race, runIds: number[], onlyUntouched = false): Promise<Undone[]> =>
  undoRuns(r.installation.services, { runIds, onlyUntouched })

const last = async (r: Race, kind: string): Promise<number> => (await runsOf(r, kind)).at(-1) ?? 0

/** What a run that goes wrong leaves: the provider gives wrong bibs and renames people. */
async function badPoll(r: Race): Promise<number> {
  wrongBibs(r)
  for (const n of r.numbers().slice(10, 30)) editPerson(r.world, r.event.id, n, { firstName: 'Broken' })
  await r.poll()
  return last(r, 'poll')
}

function wrongBibs({ world, event, numbers }: Race): void {
  for (const [i, n] of numbers().slice(5, 15).entries()) setBib(world, event.id, n, `9${i}`)
}

describe('undo of a run', () => {
  it('brings every row back to what it was, to the hash, with new entries in the feed and no call (A3)', async () => {
    const r = await settled()
    const before = await rowsOf(r)
    const fed = await feedOf(r.db, r.event.id, r.partnerId)
    const runId = await badPoll(r)
    expect(await rowsOf(r)).not.toEqual(before)
    const entries = (await feedOf(r.db, r.event.id, r.partnerId)).slice(fed.length)
    const calls = await r.callsOf(async () => {
      expect(await undo(r, [runId])).toMatchObject([{ changed: 25, restored: 0, removed: 0, rereads: 25 }])
    })
    expect(calls.all).toBe(0)
    expect(await rowsOf(r)).toEqual(before)
    const after = await feedOf(r.db, r.event.id, r.partnerId)
    // What was fed stays fed; the way back is the way there, reversed.
    expect(after.slice(0, fed.length + entries.length)).toEqual([...fed, ...entries])
    const back = after.slice(fed.length + entries.length)
    expect(back.map((entry) => entry.key)).toEqual(entries.map((entry) => entry.key).reverse())
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('lets the provider win at the next poll if it still says so, without waiting for a sweep', async () => {
    const r = await settled({ participants: 200, traits: { ...WHOLE, pageCap: 25 } })
    const runId = await badPoll(r)
    // Later changes push them off the first page.
    for (let i = 0; i < 60; i++) {
      r.clock.advance(1000)
      register(r.world, r.event.id)
    }
    await r.poll()
    await undo(r, [runId])
    const calls = await r.callsOf(async () => {
      expect((await r.poll()).events[0]).toMatchObject({
        error: null,
        lines: [{ kind: 'poll', updated: 25 }],
      })
    })
    // Down to the rows that were taken back, and no further: 60 newer ones and 25 of theirs, 25 a page.
    expect(calls.list).toBeLessThanOrEqual(Math.ceil(85 / 25) + 1)
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    expect((await r.callsOf(() => r.poll())).all).toBe(1)
  })

  it('lets the provider win where lists carry no stamp, and where they are thin', async () => {
    const unstamped = await settled({ traits: { ...WHOLE, listStamp: false } })
    await undo(unstamped, [await badPoll(unstamped)])
    await unstamped.poll()
    expect(await unstamped.differences()).toEqual([])
    const thin = await race()
    await thin.settled()
    wrongBibs(thin)
    await thin.poll()
    const [undone] = await undo(thin, await runsSince(thin))
    expect(undone).toMatchObject({ changed: 10, rereads: 10 })
    const calls = await thin.callsOf(() => thin.poll())
    expect(calls).toMatchObject({ detail: 10 })
    expect(await thin.differences()).toEqual([])
  })

  it('shows no bib blank between the list and its detail (F3)', async () => {
    const r = await race()
    await r.settled()
    const key = r.nth(3)
    const bib = (await rowOf(r.db, r.event.id, key))?.bib_number
    editPerson(r.world, r.event.id, key, { phone: '555-000-1111' })
    await r.poll()
    await undo(r, await runsSince(r))
    r.haku.faults.add({ match: { endpoint: 'detail' }, fault: { kind: 'status', status: 500 } })
    await r.poll()
    expect(bib).toBeTruthy()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ bib_number: bib, owed: true })
  })

  it('keeps what was taken back when rows are mapped again without the provider (F5)', async () => {
    const r = await settled()
    const before = await rowsOf(r)
    await undo(r, [await badPoll(r)])
    await sql`UPDATE partner_sync SET derived_from = 'an older mapping'`.execute(r.db)
    r.haku.faults.add({ fault: { kind: 'status', status: 503 } })
    await r.poll()
    expect(await rowsOf(r)).toEqual(before)
  })

  it('takes back people that it added and brings back those that it removed', async () => {
    const r = await settled()
    const gone = [r.nth(3), r.nth(30)]
    for (const n of gone) remove(r.world, r.event.id, n)
    for (let i = 0; i < 3; i++) register(r.world, r.event.id)
    await r.sweep()
    expect(await undo(r, [await last(r, 'sweep')])).toMatchObject([{ restored: 2, removed: 3, changed: 0 }])
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60)
    expect(await rowOf(r.db, r.event.id, gone[0] ?? '')).toMatchObject({ removed: false })
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    // The provider lists the three and not the two: it has the last word.
    await r.poll()
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(63)
    await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('can be undone itself', async () => {
    const r = await settled()
    const runId = await badPoll(r)
    const broken = await rowsOf(r)
    await undo(r, [runId])
    await undo(r, [await last(r, 'undo')])
    expect(await rowsOf(r)).toEqual(broken)
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('lets a sweep under way begin anew, for it may have passed the rows already', async () => {
    const r = await settled({ participants: 200, traits: { ...WHOLE, pageCap: 25 } })
    const runId = await badPoll(r)
    r.haku.faults.add({ match: { page: 4 }, fault: { kind: 'status', status: 503 } })
    await r.sweep()
    expect((await stateOf(r.db, r.event.id)).pass).not.toBeNull()
    r.haku.faults.clear()
    await undo(r, [runId])
    expect((await stateOf(r.db, r.event.id)).pass).toBeNull()
    await r.sweep()
    expect(await r.differences()).toEqual([])
  })
})

describe('undo of a run whose rows changed again later', () => {
  async function changedLater(): Promise<{ r: Race; runId: number; key: string }> {
    const r = await settled()
    const runId = await badPoll(r)
    const key = r.nth(12)
    editPerson(r.world, r.event.id, key, { phone: '555-000-2222' })
    await r.poll()
    return { r, runId, key }
  }

  it('is refused whole, and changes nothing', async () => {
    const { r, runId, key } = await changedLater()
    const before = await feedOf(r.db, r.event.id, r.partnerId)
    const error = await undo(r, [runId]).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StartlistError)
    expect(error).toMatchObject({ code: 'CHANGED_SINCE', message: expect.stringContaining(key) })
    expect(await feedOf(r.db, r.event.id, r.partnerId)).toEqual(before)
    expect(await runsOf(r, 'undo')).toEqual([])
  })

  it('leaves those alone with --only-untouched', async () => {
    const { r, runId, key } = await changedLater()
    expect(await undo(r, [runId], true)).toMatchObject([{ changed: 24, skipped: 1 }])
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ first_name: 'Broken', phone: '555-000-2222' })
    expect(await rowOf(r.db, r.event.id, r.nth(11))).not.toMatchObject({ first_name: 'Broken' })
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('takes all back together with the later run', async () => {
    const { r, runId } = await changedLater()
    const [undone] = await undo(r, [runId, await last(r, 'poll')])
    expect(undone).toMatchObject({ skipped: 0, rereads: 25 })
    expect(await rowOf(r.db, r.event.id, r.nth(12))).not.toMatchObject({ first_name: 'Broken' })
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('is refused as well when a row was changed past the feed', async () => {
    const r = await settled()
    const runId = await badPoll(r)
    await sql`UPDATE haku_participants SET bib_number = 'L1', local_bib = 'L1' WHERE participant_id = ${r.nth(6)}`.execute(
      r.db,
    )
    await expect(undo(r, [runId])).rejects.toMatchObject({ code: 'CHANGED_SINCE' })
    expect(await undo(r, [runId], true)).toMatchObject([{ skipped: 1 }])
    expect(await rowOf(r.db, r.event.id, r.nth(6))).toMatchObject({ bib_number: 'L1' })
  })
})

describe('undo', () => {
  it('knows runs only', async () => {
    const r = await settled()
    await expect(undo(r, [9999])).rejects.toMatchObject({ code: 'NO_SUCH_RUN' })
  })

  it('of a whole assignment of bibs works batch by batch', async () => {
    const r = await settled({ participants: 700, bibs: 0, traits: { ...WHOLE, pageCap: 100 } })
    assignBibs(r.world, r.event.id)
    await r.poll()
    expect(await undo(r, [await last(r, 'poll')])).toMatchObject([{ changed: 700 }])
    const { rows } = await sql<{ n: number }>`
      SELECT count(bib_number)::int AS n FROM haku_participants`.execute(r.db)
    expect(rows[0]?.n).toBe(0)
    await r.poll()
    expect(await r.differences()).toEqual([])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('of somebody who came back removes them again, until the list is read (A4)', async () => {
    const r = await settled()
    const key = r.nth(7)
    remove(r.world, r.event.id, key)
    await r.sweep()
    restore(r.world, r.event.id, key)
    await r.poll()
    expect(await undo(r, [await last(r, 'poll')])).toMatchObject([{ removed: 1 }])
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: true })
    await r.poll()
    expect(await r.differences()).toEqual([])
  })
})

/** The last poll and the details read after it. */
async function runsSince(r: Race): Promise<number[]> {
  return [await last(r, 'poll'), await last(r, 'details')]
}
