import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { Db } from '../../src/store/database.ts'
import { setPartnerRetention } from '../../src/store/partners.ts'
import { applyRetention } from '../../src/sync/retention.ts'
import { testDatabase } from '../helpers/database.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-01T12:00:00Z')
const ago = (days: number) => new Date(NOW - days * DAY).toISOString()

let db: Db
let clock: VirtualClock
beforeEach(async () => {
  clock = new VirtualClock(NOW)
  ;({ db } = await testDatabase({ virtualClock: clock }))
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing'), (2, 'Birch Timing');
    INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1')`.execute(
    db,
  )
  for (const partner of [1, 2])
    for (const [event, days] of Object.entries({ over: 120, recent: 20, ahead: -5 }))
      await addEvent(partner, event, days)
  await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name) VALUES ('undated', 1, 1, 'u');
    INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name) VALUES ('undated', 1, 'r', 'Ana')`.execute(
    db,
  )
})

async function addEvent(partner: number, event: string, days: number): Promise<void> {
  await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, starts_at)
    VALUES (${event}, ${partner}, 1, ${event}, ${ago(days)}::timestamptz)`.execute(db)
  await sql`INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, bib_number, raw_data)
    SELECT ${event}, ${partner}, 'r' || n, 'Ana', n::text, '{"list": {"person_full_name": "Ana Alder"}, "detail": null}'
    FROM generate_series(1, 3) AS n`.execute(db)
  await sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
    VALUES ('haku', ${partner}, ${event}, 1, 'r1', 'added', '{"first_name": [null, "Ana"], "bib_number": [null, "1"]}', startlist.clock())`.execute(
    db,
  )
}

/** `partner event` of the lists that still know somebody. */
async function known(): Promise<string[]> {
  const { rows } = await sql<{ list: string }>`
    SELECT DISTINCT timing_partner_id || ' ' || event_id AS list FROM haku_participants
    WHERE first_name IS NOT NULL OR raw_data::text LIKE '%Alder%' ORDER BY 1`.execute(db)
  return rows.map(({ list }) => list)
}

const ALL = ['1 ahead', '1 over', '1 recent', '1 undated', '2 ahead', '2 over', '2 recent']

describe('retention', () => {
  it('keeps everybody until somebody decides', async () => {
    expect(await applyRetention(db, { defaultDays: 0 })).toEqual({ lists: 0, registrations: 0 })
    expect(await known()).toEqual(ALL)
  })

  it('takes people out of events that are over long enough, and leaves bibs and the feed’s positions', async () => {
    expect(await applyRetention(db, { defaultDays: 100 })).toEqual({ lists: 2, registrations: 6 })
    expect(await known()).toEqual(ALL.filter((list) => !list.endsWith('over')))
    const { rows } = await sql<object>`SELECT p.bib_number AS bib, c.fields FROM haku_participants p
      JOIN participant_changes c USING (timing_partner_id, event_id, participant_id) WHERE event_id = 'over'`.execute(
      db,
    )
    expect(rows).toEqual(Array(2).fill({ bib: '1', fields: { bib_number: [null, '1'] } }))
    expect(await applyRetention(db, { defaultDays: 100 })).toEqual({ lists: 0, registrations: 0 })
  })

  it('follows each timing partner before the default', async () => {
    await setPartnerRetention(db, 1, 0)
    await setPartnerRetention(db, 2, 10)
    await applyRetention(db, { defaultDays: 100 })
    expect(await known()).toEqual(['1 ahead', '1 over', '1 recent', '1 undated', '2 ahead'])
  })

  it('empties a list again when it was read since', async () => {
    await applyRetention(db, { defaultDays: 100 })
    clock.advance(60_000)
    await sql`UPDATE haku_participants SET first_name = 'Ana' WHERE event_id = 'over' AND timing_partner_id = 1;
      INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id) VALUES ('haku', 1, 'over', 1);
      UPDATE sync_state SET polled_at = startlist.clock() WHERE event_id = 'over'`.execute(db)
    expect(await applyRetention(db, { defaultDays: 100 })).toMatchObject({ lists: 1 })
    expect(await known()).not.toContain('1 over')
  })

  it('only counts when it is tried', async () => {
    expect(await applyRetention(db, { defaultDays: 100, dryRun: true })).toEqual({
      lists: 2,
      registrations: 6,
    })
    expect(await known()).toEqual(ALL)
  })
})
