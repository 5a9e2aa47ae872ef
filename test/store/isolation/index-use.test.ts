import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Trx } from '../../../src/store/database.ts'
import { asTenant } from '../../../src/store/isolation/tenant.ts'
import { countRegistrations } from '../../../src/store/overview/event-counts.ts'
import { countEvents } from '../../../src/store/overview/events.ts'
import { readFeed } from '../../../src/store/overview/feed.ts'
import { listParticipants } from '../../../src/store/overview/participant-pages.ts'
import { readLines } from '../../../src/store/start-list/lines.ts'
import { testDatabase } from '../../helpers/database.ts'

/**
 * What a timing partner reads again and again has to find its rows by an index, row-level security or not: PostgreSQL
 * uses none where a condition has to cast a column first.
 */

const RACES = 6
const EACH = 50
const LIMIT = 5

const { db } = await testDatabase()
await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing'), (2, 'Birch Timing');
  INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'runsignup', 'k1'), (2, 'haku', 'c1');
  INSERT INTO runsignup_races (race_id, timing_partner_id, name)
    SELECT race, partner, 'Race ' || race FROM generate_series(1, ${sql.lit(RACES)}) AS race, generate_series(1, 2) AS partner;
  INSERT INTO runsignup_events (event_id, race_id, timing_partner_id, name, account_id)
    SELECT race_id * 10, race_id, timing_partner_id, '10K', 1 FROM runsignup_races;
  INSERT INTO runsignup_participants (registration_id, race_id, event_id, timing_partner_id, first_name, last_name)
    SELECT race_id * 1000 + n, race_id, race_id * 10, timing_partner_id, 'Ana', 'Alder' || n
    FROM runsignup_races, generate_series(1, ${sql.lit(EACH)}) AS n;
  INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name)
    SELECT 'e' || n, partner, 2, 'Half' FROM generate_series(1, ${sql.lit(RACES)}) AS n, generate_series(1, 2) AS partner;
  INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, last_name)
    SELECT event_id, timing_partner_id, event_id || '-' || n, 'Ana', 'Alder' || n
    FROM haku_events, generate_series(1, ${sql.lit(EACH)}) AS n;
  INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
    SELECT provider, timing_partner_id, list_id, row_number() OVER (PARTITION BY provider, timing_partner_id, list_id ORDER BY participant_id),
      participant_id, 'added', '{}', now() FROM startlist.list_participants;
  INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id, state, since, feed_position)
    SELECT provider, timing_partner_id, event_id, CASE provider WHEN 'haku' THEN 2 ELSE 1 END, 'current', now(), max(position)
    FROM participant_changes GROUP BY 1, 2, 3`.execute(db)
for (const table of ['runsignup_participants', 'haku_participants', 'participant_changes'])
  await sql`VACUUM ANALYZE ${sql.table(table)}`.execute(db)

/** What this session has looked at and not reported yet, which is more than its transaction. */
async function countedBy(trx: Trx): Promise<{ scans: number; rows: number }> {
  const { rows } = await sql<{ scans: number; rows: number }>`
    SELECT sum(seq_scan)::int AS scans, (sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)))::int AS rows
    FROM pg_stat_xact_user_tables
    WHERE relname IN ('runsignup_participants', 'haku_participants', 'participant_changes')`.execute(trx)
  return rows[0]!
}

/** Rows of these tables that were looked at, and whole tables that were read. */
async function looked(work: (trx: Trx) => Promise<unknown>): Promise<{ scans: number; rows: number }> {
  return asTenant(db, 1, async (trx) => {
    // So small a table is read whole unless there is no need to.
    await sql`SET LOCAL enable_seqscan = off`.execute(trx)
    const before = await countedBy(trx)
    await work(trx)
    const after = await countedBy(trx)
    return { scans: after.scans - before.scans, rows: after.rows - before.rows }
  })
}

const lists = [
  { provider: 'runsignup', partnerId: 1, listId: '3', eventId: '30' },
  { provider: 'haku', partnerId: 1, listId: 'e3', eventId: 'e3' },
] as const

it.each(lists)('a page, its counts and its start list look at one list of $provider alone', async (at) => {
  const start = { ...at, name: 'Race', startsAt: null, startDay: null, timezone: null }
  const readings: ((trx: Trx) => Promise<unknown>)[] = [
    (trx) => listParticipants(trx, at, { limit: LIMIT }),
    (trx) => listParticipants(trx, at, { limit: LIMIT, q: 'alder4' }),
    (trx) => countRegistrations(trx, at),
    (trx) => countEvents(trx, [{ ...at, eventId: at.listId }]),
    async (trx) => {
      for await (const lines of readLines(trx, start, { fields: ['bib'], which: 'listed' }))
        expect(lines).toHaveLength(EACH)
    },
  ]
  for (const reading of readings) {
    const { scans, rows } = await looked(reading)
    expect(scans).toBe(0)
    // What the feed of the last hour has of it as well.
    expect(rows).toBeLessThanOrEqual(2 * EACH)
  }
})

it.each(lists)(
  'a page of the feed at $provider looks at its own entries alone',
  async ({ listId, ...at }) => {
    const { scans, rows } = await looked((trx) => readFeed(trx, { ...at, eventId: listId }, 10, LIMIT))
    expect(scans).toBe(0)
    // An entry, and who it is about.
    expect(rows).toBeLessThanOrEqual(2 * LIMIT)
  },
)
