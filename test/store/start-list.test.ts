import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AskedLine } from '../../src/domain/start-list.ts'
import type { Db } from '../../src/store/database.ts'
import { openStartList, type StartListOf } from '../../src/store/start-list/snapshot.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
  await sql`INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing'), (2, 'Birch Timing');
    INSERT INTO haku_events (event_id, timing_partner_id, event_name) VALUES ('harbor', 1, 'Harbor Half'), ('harbor', 2, 'Harbor Half');
    INSERT INTO haku_participants (event_id, timing_partner_id, participant_id, first_name, registration_status)
      SELECT 'harbor', p, 'R' || lpad(n::text, 4, '0'), 'Ana' || p, CASE n WHEN 3 THEN 'deferred' ELSE 'active' END
      FROM generate_series(1, 2500) AS n, (VALUES (1), (2)) AS partners (p);
    -- A race that bears the number of another race's event.
    INSERT INTO runsignup_races (race_id, name, timing_partner_id) VALUES (7, 'Mill Race', 1), (70, 'Lake Race', 1);
    INSERT INTO runsignup_events (event_id, race_id, name, timing_partner_id) VALUES (70, 7, '10K', 1), (71, 7, 'Half', 1), (80, 70, '5K', 1);
    INSERT INTO runsignup_participants (race_id, event_id, registration_id, timing_partner_id, first_name, address, additional_data)
      VALUES (7, 70, 501, 1, 'Ten', '{"city": "Bergen", "zipcode": "01234"}', '{"giveaway": "Shirt M"}'),
        (7, 71, 502, 1, 'Half', NULL, NULL), (70, 80, 503, 1, 'Lake', NULL, NULL)`.execute(db)
})

async function read(of: StartListOf, use: Parameters<typeof openStartList>[2] = {}): Promise<AskedLine[]> {
  const list = await openStartList(db, of, use)
  try {
    return await linesOf(list.lines({ fields: ['firstName', 'category', 'zip', 'shirt'], which: 'listed' }))
  } finally {
    await list.close()
  }
}

async function linesOf(batches: AsyncIterable<AskedLine[]>): Promise<AskedLine[]> {
  const lines: AskedLine[] = []
  for await (const batch of batches) lines.push(...batch)
  return lines
}

describe('a start list', () => {
  it('is one timing partner’s, and asks which where several have the event', async () => {
    await expect(read({ eventId: 'harbor' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      hint: expect.stringContaining('--provider haku --partner 2'),
    })
    await expect(read({ eventId: 'none' })).rejects.toMatchObject({ code: 'NO_SUCH_EVENT' })
    const lines = await read({ eventId: 'harbor', partnerId: 2 })
    expect(lines).toHaveLength(2_499)
    expect(new Set(lines.map(({ firstName }) => firstName))).toEqual(new Set(['Ana2']))
  })

  it('is nobody else’s for a tenant, whatever is asked for', async () => {
    expect(await read({ eventId: 'harbor' }, { tenant: 1 })).toHaveLength(2_499)
    await expect(read({ eventId: 'harbor', partnerId: 2 }, { tenant: 1 })).rejects.toMatchObject({
      code: 'NO_SUCH_EVENT',
    })
  })

  it('is a race’s, or one event’s of it', async () => {
    expect(await read({ eventId: '7' })).toEqual([
      { registration: '501', firstName: 'Ten', category: '10K', zip: '01234', shirt: 'Shirt M' },
      { registration: '502', firstName: 'Half', category: 'Half', zip: null, shirt: null },
    ])
    expect((await read({ eventId: '71' })).map(({ registration }) => registration)).toEqual(['502'])
    expect((await read({ eventId: '70' })).map(({ registration }) => registration)).toEqual(['503'])
    expect((await read({ eventId: '70', listId: '7' })).map(({ registration }) => registration)).toEqual([
      '501',
    ])
  })

  it('stays as it was while it is read, and gives its connection back', async () => {
    const list = await openStartList(db, { eventId: 'harbor', partnerId: 1 })
    expect(list.state).toMatchObject({ registrations: 2_499, pending: 0, position: 0 })
    const lines = list.lines({ fields: ['firstName'], which: 'listed' })
    const { value: first } = await lines.next()
    await sql`UPDATE haku_participants SET first_name = 'Ben' WHERE timing_partner_id = 1`.execute(db)
    const rest = await linesOf(lines)
    expect([...first!, ...rest].filter(({ firstName }) => firstName !== 'Ana1')).toEqual([])
    const gone = await linesOf(list.lines({ fields: ['status'], which: 'withdrawn' }))
    expect(gone).toEqual([{ registration: 'R0003', status: 'deferred' }])
    await list.close()
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND state LIKE 'idle in transaction%'`.execute(db)
    expect(rows).toEqual([{ n: 0 }])
  })

  it('is gone for a reader who pauses for longer than it has patience', async () => {
    const list = await openStartList(db, { eventId: 'harbor', partnerId: 1 }, { patienceMs: 3_000 })
    const lines = list.lines({ fields: ['firstName'], which: 'listed' })
    await lines.next()
    await untilNoTransactionIsOpen()
    await expect(lines.next()).rejects.toThrow()
    await list.close()
    expect(await read({ eventId: '7' })).toHaveLength(2)
  })
})

async function untilNoTransactionIsOpen(): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'`.execute(
      db,
    )
    if (rows[0]!.n === 0) return
  }
}
