import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFECTS, type Defect, editPerson, register, setBib } from '../../src/simulator/index.ts'
import { appendChanges } from '../../src/store/changes.ts'
import { setBibAuthority } from '../../src/store/partners.ts'
import { testDatabase } from '../helpers/database.ts'
import { countRows, feedFaults, type Race, race, rowOf, stopRace } from './crash/race.ts'

afterEach(stopRace)

const NAMELESS: readonly Defect[] = ['null', 'text', 'array', 'no-number', 'null-number', 'object-number']
const READABLE = DEFECTS.filter((defect) => !NAMELESS.includes(defect))

async function rejectsOf({ db }: Race) {
  const { rows } = await sql<{ kind: 'record' | 'field'; record_key: string; field: string; raw: string }>`
    SELECT kind, record_key, field, raw FROM rejected_records ORDER BY reject_id`.execute(db)
  return rows
}

describe('a record that is broken', () => {
  it.each(NAMELESS)(
    'without its number (%s) is kept whole, and leaves when it is mended (D2; defect 42)',
    async (defect) => {
      const r = await race({ participants: 30, traits: { registrationsList: 'whole' } })
      await r.settled()
      const key = r.nth(4)
      setBib(r.world, r.event.id, key, '404')
      setBib(r.world, r.event.id, r.nth(5), '405')
      const rule = r.haku.faults.add({ fault: { kind: 'malformed', defects: [defect], numbers: [key] } })
      const outcome = await r.poll()
      expect(outcome).toMatchObject({ stopped: null, events: [{ error: null, lines: [{ rejected: 1 }] }] })
      // The page went on, and the row is as it was.
      expect(await rowOf(r.db, r.event.id, r.nth(5))).toMatchObject({ provider_bib: '405' })
      expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: false })
      const [reject] = await rejectsOf(r)
      expect(reject).toMatchObject({ kind: 'record', field: '' })
      if (!['null', 'text', 'array'].includes(defect)) expect(reject?.raw).toContain('"404"')
      // A rejected record is known: it neither costs calls at every poll, nor is it rejected again (W4).
      await r.poll()
      expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1 })
      expect(await rejectsOf(r)).toHaveLength(1)
      // Nor is it a removal: the single read knows the runner.
      await r.sweep()
      expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ removed: false })
      rule.remove()
      await r.sweep()
      expect(await rejectsOf(r)).toEqual([])
      expect(await r.differences()).toEqual([])
    },
  )

  it.each(READABLE)(
    'in its fields (%s) on the list keeps its runner, and what was known of them (D2)',
    async (defect) => {
      const r = await race({ participants: 30, traits: { registrationsList: 'whole' } })
      await r.settled()
      const keys = [r.nth(3), r.nth(4)]
      const before = await rowOf(r.db, r.event.id, keys[0] ?? '')
      for (const key of keys) editPerson(r.world, r.event.id, key, { gender: 'X' })
      const newcomer = register(r.world, r.event.id).number
      const rule = r.haku.faults.add({
        fault: { kind: 'malformed', defects: [defect], numbers: [...keys, newcomer] },
      })
      expect(await r.poll()).toMatchObject({ stopped: null, events: [{ error: null }] })
      expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(31)
      expect(await rowOf(r.db, r.event.id, newcomer)).not.toBeNull()
      if (defect === 'wrong-types' || defect === 'bad-values') {
        expect((await rejectsOf(r)).filter((reject) => reject.kind === 'field').length).toBeGreaterThan(0)
        expect(await rowOf(r.db, r.event.id, keys[0] ?? '')).toMatchObject({
          date_of_birth: before?.date_of_birth,
          first_name: before?.first_name,
          bib_number: before?.bib_number,
          registration_status: before?.registration_status,
        })
      }
      rule.remove()
      for (const key of [...keys, newcomer]) editPerson(r.world, r.event.id, key, { gender: 'F' })
      await r.poll()
      expect(await rejectsOf(r)).toEqual([])
      expect(await r.differences()).toEqual([])
      expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
    },
  )

  it.each(READABLE)(
    'in its detail (%s) keeps its runner, and is read again when it changes (D2, F2)',
    async (defect) => {
      const r = await race({ participants: 12 })
      await r.settled()
      const key = r.nth(3)
      editPerson(r.world, r.event.id, key, { phone: '555-000-4444' })
      const rule = r.haku.faults.add({
        match: { endpoint: 'detail' },
        fault: { kind: 'malformed', defects: [defect], rows: 1 },
      })
      expect(await r.poll()).toMatchObject({ stopped: null })
      expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(12)
      rule.remove()
      r.clock.advance(120_000)
      editPerson(r.world, r.event.id, key, { phone: '555-000-5555' })
      await r.poll()
      expect(await rejectsOf(r)).toEqual([])
      expect(await r.differences()).toEqual([])
    },
  )

  it('of every kind at once stops neither the page nor the sweep (D2; defects 41, 42)', async () => {
    const r = await race({ participants: 60 })
    const rule = r.haku.faults.add({
      match: { endpoint: 'participants' },
      fault: { kind: 'malformed', defects: DEFECTS },
    })
    expect(await r.sync()).toMatchObject({ stopped: null, events: [{ error: null }] })
    // Three pages, each with a record of every kind.
    const kept = await rejectsOf(r)
    expect(kept.filter((reject) => reject.kind === 'record').length).toBeGreaterThanOrEqual(3 * 4 + 2)
    expect(await countRows(r.db, r.event.id, r.partnerId)).toBe(60 - 3 * NAMELESS.length)
    rule.remove()
    await r.sweep()
    expect(await r.differences()).toEqual([])
    expect(await rejectsOf(r)).toEqual([])
  })

  it('that PostgreSQL refuses is alone rejected, and stored once it can be (D2; defect 42)', async () => {
    const r = await race({ participants: 30, traits: { registrationsList: 'whole' } })
    await sql`ALTER TABLE haku_participants ADD CONSTRAINT never CHECK (provider_bib <> '666')`.execute(r.db)
    setBib(r.world, r.event.id, r.nth(4), '666')
    expect(await r.sync()).toMatchObject({
      stopped: null,
      events: [{ error: null, lines: [{ inserted: 29 }] }],
    })
    expect(await rejectsOf(r)).toMatchObject([{ kind: 'record', record_key: r.nth(4) }])
    await r.poll()
    expect(await r.callsOf(() => r.poll())).toMatchObject({ list: 1 })
    await sql`ALTER TABLE haku_participants DROP CONSTRAINT never`.execute(r.db)
    await r.sweep()
    expect(await rejectsOf(r)).toEqual([])
    expect(await r.differences()).toEqual([])
  })
})

describe('bibs', () => {
  async function withLocal(): Promise<{ r: Race; key: string }> {
    const r = await race({ participants: 30, bibs: 0, traits: { registrationsList: 'whole' } })
    await r.settled()
    const key = r.nth(4)
    await sql`UPDATE haku_participants SET local_bib = 'L7', bib_number = 'L7' WHERE participant_id = ${key}`.execute(
      r.db,
    )
    return { r, key }
  }

  it('of the timer stay when the provider has none, and give way when it has one (D3; defect 49)', async () => {
    const { r, key } = await withLocal()
    editPerson(r.world, r.event.id, key, { phone: '555-000-1234' })
    await r.poll()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({
      bib_number: 'L7',
      local_bib: 'L7',
      provider_bib: null,
    })
    setBib(r.world, r.event.id, key, '12')
    await r.poll()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({
      bib_number: '12',
      local_bib: 'L7',
      provider_bib: '12',
    })
    setBib(r.world, r.event.id, key, null)
    await r.poll()
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({
      bib_number: 'L7',
      local_bib: 'L7',
      provider_bib: null,
    })
  })

  it('of the timer stand before those of the provider where the event says so (D3, F5)', async () => {
    const { r, key } = await withLocal()
    setBib(r.world, r.event.id, key, '12')
    await r.poll()
    await r.db
      .transaction()
      .execute((trx) =>
        setBibAuthority(trx, { provider: 'haku', partnerId: r.partnerId, eventId: r.event.id }, 'local'),
      )
    expect((await r.callsOf(() => r.poll())).all).toBe(1)
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({
      bib_number: 'L7',
      local_bib: 'L7',
      provider_bib: '12',
    })
  })

  it('are never chip numbers (D3; defect 17)', async () => {
    const r = await race({ participants: 30, bibs: 0 })
    const category = r.world.registration(r.event.id, r.nth(4)).categories[0]
    if (category) category.chipNumber = 'CHIP77'
    await r.sync()
    const { rows } = await sql<{ bib: string | null; chip: string | null }>`
      SELECT bib_number AS bib, chip_number AS chip FROM haku_participants WHERE participant_id = ${r.nth(4)}`.execute(
      r.db,
    )
    expect(rows[0]).toEqual({ bib: null, chip: 'CHIP77' })
  })
})

describe('the change feed', () => {
  it('shows a tailing reader every entry once and in order while two write (D4; defect 48)', async () => {
    const { db, url } = await testDatabase()
    const partner = await db
      .insertInto('timing_partners')
      .values({ company_name: 'Alder Timing' })
      .returning('timing_partner_id')
      .executeTakeFirstOrThrow()
    const event = { provider: 'haku', partnerId: partner.timing_partner_id, eventId: 'e1' }
    await sql`
      WITH a AS (INSERT INTO accounts (provider, principal) VALUES ('haku', 'p') RETURNING account_id)
      INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
      SELECT 'haku', ${event.partnerId}, 'e1', account_id FROM a`.execute(db)
    expect(url).not.toBe('')
    const each = 60
    let running = 2
    const write = async (name: string) => {
      for (let i = 0; i < each; i++) {
        await db.transaction().execute(async (trx) => {
          const change = { key: `${name}${i}`, change: 'changed' as const, fields: {}, sourceUpdatedAt: null }
          await appendChanges(trx, event, null, i % 3 === 0 ? [change, change] : [change])
          // Commits late, so that the other would overtake it if it could.
          if (i % 2 === 0) for (let n = 0; n < 4; n++) await sql`SELECT 1`.execute(trx)
        })
      }
      running--
    }
    const read: number[] = []
    const tail = async () => {
      for (let done = false; !done; ) {
        done = running === 0
        const { rows } = await sql<{ position: number }>`
          SELECT position FROM participant_changes WHERE position > ${read.at(-1) ?? 0} ORDER BY position`.execute(
          db,
        )
        read.push(...rows.map((row) => row.position))
      }
    }
    await Promise.all([write('a'), write('b'), tail()])
    const total = 2 * (each + each / 3)
    expect(read).toEqual(Array.from({ length: total }, (_, i) => i + 1))
  })
})

describe('history', () => {
  it('of quiet polls is a row an hour that counts them all (D5; defect 35)', async () => {
    const r = await race({ participants: 12, traits: { registrationsList: 'whole' } })
    await r.settled()
    await sql`DELETE FROM sync_history`.execute(r.db)
    const { last } = r.haku.calls
    const calls = await r.callsOf(async () => {
      for (let i = 0; i < 120; i++) await r.poll()
    })
    expect(calls.list).toBe(120)
    const { rows } = await sql<{ polls: number; calls: number; status: string }>`
      SELECT polls, calls, status FROM sync_history`.execute(r.db)
    expect(rows.length).toBeLessThanOrEqual(3)
    expect(rows.reduce((sum, row) => sum + row.polls, 0)).toBe(120)
    expect(rows.reduce((sum, row) => sum + row.calls, 0)).toBe(r.haku.calls.last - last)
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set(['success']))
  })

  it('of a poll with news is a row of its own, and so is a failed one (D5; defects 2, 62)', async () => {
    const r = await race({ participants: 12, traits: { registrationsList: 'whole' } })
    await r.settled()
    await sql`DELETE FROM sync_history`.execute(r.db)
    await r.poll()
    setBib(r.world, r.event.id, r.nth(3), '33')
    await r.poll()
    await r.poll()
    r.haku.faults.add({ fault: { kind: 'status', status: 503 } })
    await r.poll()
    const { rows } = await sql<{
      status: string
      updated: number
      error_code: string | null
      complete: boolean
    }>`
      SELECT status, updated, error_code, complete FROM sync_history ORDER BY sync_history_id`.execute(r.db)
    expect(rows).toMatchObject([
      { status: 'success', updated: 0 },
      { status: 'success', updated: 1 },
      { status: 'success', updated: 0 },
      { status: 'failed', error_code: 'PROVIDER_DOWN', complete: false },
    ])
  })
})
