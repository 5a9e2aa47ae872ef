import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { Db } from '../../src/store/database.ts'
import { purgeOlder } from '../../src/store/purge.ts'
import { testDatabase } from '../helpers/database.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-11-01T12:00:00Z')
const BEFORE = NOW - 100 * DAY
const ago = (days: number) => new Date(NOW - days * DAY).toISOString()

let db: Db
beforeEach(async () => {
  ;({ db } = await testDatabase({ virtualClock: new VirtualClock(NOW) }))
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Lantern Timing')`.execute(
    db,
  )
  await sql`INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1')`.execute(
    db,
  )
  for (const [event, days] of [
    ['over', 120],
    ['recent', 20],
    ['ahead', -5],
  ] as const)
    await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, starts_at)
      VALUES (${event}, 1, 1, ${event}, ${ago(days)}::timestamptz)`.execute(db)
  await sql`INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name) VALUES ('undated', 1, 1, 'u')`.execute(
    db,
  )
})

async function addChange(eventId: string, position: number, days: number): Promise<void> {
  await sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
    VALUES ('haku', 1, ${eventId}, ${position}, 'r1', 'changed', '{}', ${ago(days)}::timestamptz)`.execute(db)
}

async function positions(eventId: string): Promise<number[]> {
  const { rows } = await sql<{ position: number }>`
    SELECT position::int FROM participant_changes WHERE event_id = ${eventId} ORDER BY 1`.execute(db)
  return rows.map(({ position }) => position)
}

describe('purge', () => {
  it('removes old feed entries of events that are over, and of no other', async () => {
    for (const event of ['over', 'recent', 'ahead', 'undated'])
      for (const [i, days] of [150, 130].entries()) await addChange(event, i + 1, days)
    expect(await purgeOlder(db, BEFORE)).toMatchObject({ changes: 2 })
    expect(await positions('over')).toEqual([])
    for (const event of ['recent', 'ahead', 'undated']) expect(await positions(event)).toEqual([1, 2])
  })

  it('takes only the beginning of a feed, so that what is left has no gap (D4)', async () => {
    for (const [i, days] of [150, 90, 130].entries()) await addChange('over', i + 1, days)
    await purgeOlder(db, BEFORE)
    expect(await positions('over')).toEqual([2, 3])
  })

  it('removes old runs and decided holds, and keeps open ones', async () => {
    for (const days of [150, 50])
      await sql`INSERT INTO sync_history (timing_partner_id, event_id, operation_type, status, started_at, ended_at)
        VALUES (1, 'ahead', 'poll', 'success', ${ago(days)}::timestamptz, ${ago(days)}::timestamptz)`.execute(
        db,
      )
    for (const [state, decided] of [
      ['applied', ago(150)],
      ['open', null],
    ] as const)
      await sql`INSERT INTO holds (provider, account_id, event_id, kind, state, reason, absent, known, opened_at, decided_at)
        VALUES ('haku', 1, 'over', 'removal', ${state}, 'many', 9, 10, ${ago(160)}::timestamptz, ${decided}::timestamptz)`.execute(
        db,
      )
    expect(await purgeOlder(db, BEFORE)).toMatchObject({ history: 1, holds: 1 })
    expect(await purgeOlder(db, BEFORE)).toMatchObject({ history: 0, holds: 0 })
  })

  it('only counts when it is tried', async () => {
    await addChange('over', 1, 150)
    expect(await purgeOlder(db, BEFORE, { dryRun: true })).toMatchObject({ changes: 1 })
    expect(await positions('over')).toEqual([1])
  })
})
