import { sql } from 'kysely'
import { beforeEach, expect, it } from 'vitest'
import { ensureAccount } from '../../src/store/accounts.ts'
import type { Db } from '../../src/store/database.ts'
import { pollGroups, sweepHeads } from '../../src/store/plans/heads.ts'
import { testDatabase } from '../helpers/database.ts'

let db: Db
let accountId: number

beforeEach(async () => {
  db = (await testDatabase()).db
  accountId = await ensureAccount(db, 'haku', 'client-of-the-heads')
})

interface Planned {
  eventId: string
  /** SQL intervals from now; null for none */
  due?: string | null
  sweepDue?: string | null
  start?: string
  complete?: boolean
}

async function plan({ eventId, due = null, sweepDue = null, start = '40 days', complete = true }: Planned) {
  await sql`
    INSERT INTO sync_state (account_id, event_id, replan_at, due_at, every_ms, sweep_due_at, urgent_at, complete_at)
    VALUES (${accountId}, ${eventId}, NULL, now() + ${due}::interval, 60000, now() + ${sweepDue}::interval,
      now() + ${start}::interval, ${complete ? sql`now()` : null})`.execute(db)
}

it('a last sweep, and one before a race, are seen behind any number of first sweeps', async () => {
  for (let i = 0; i < 20; i++) await plan({ eventId: `new ${i}`, sweepDue: '-2 days', complete: false })
  await plan({ eventId: 'raced', sweepDue: '-1 minute', start: '-3 hours' })
  await plan({ eventId: 'tomorrow', due: '5 minutes', sweepDue: '-1 minute', start: '20 hours' })
  for (let i = 0; i < 20; i++) await plan({ eventId: `far ${i}`, due: '1 hour', sweepDue: '-1 day' })
  await plan({ eventId: 'not yet', due: '1 hour', sweepDue: '1 minute', start: '10 hours' })
  const heads = await sweepHeads(db, accountId)
  const over = heads.filter((sweep) => sweep.over)
  expect(over).toEqual([expect.objectContaining({ eventId: 'raced', first: false })])
  expect(heads.filter((sweep) => sweep.first)).toHaveLength(4)
  const later = heads.filter((sweep) => !sweep.first && !sweep.over).map(({ eventId }) => eventId)
  expect(later[0]).toBe('tomorrow')
  expect(later).toHaveLength(5)
  expect(later).not.toContain('not yet')
})

it('of first sweeps those go first that have read fewer pages, and large events last', async () => {
  await plan({ eventId: 'begun', sweepDue: '-1 day', start: '1 day', complete: false })
  await plan({ eventId: 'large', sweepDue: '-1 day', start: '1 day', complete: false })
  await plan({ eventId: 'untouched', sweepDue: '-1 minute', start: '90 days', complete: false })
  const pass = (page: number, distinct: number) => JSON.stringify({ walk: { page, distinct } })
  await sql`UPDATE sync_state SET pass = CASE event_id WHEN 'begun' THEN ${pass(4, 100)}::jsonb
    WHEN 'large' THEN ${pass(12, 1200)}::jsonb END`.execute(db)
  const heads = await sweepHeads(db, accountId)
  expect(heads.map(({ eventId, large }) => [eventId, large])).toEqual([
    ['untouched', false],
    ['begun', false],
    ['large', true],
  ])
})

it('polls of the next hour are counted in groups, and later ones are not', async () => {
  for (const due of ['-10 minutes', '-1 minute', '30 minutes', '70 minutes'])
    await plan({ eventId: due, due, start: '3 hours' })
  const groups = await pollGroups(db, accountId)
  expect(groups.map(({ count, dueIn }) => [count, dueIn]).sort(([, a], [, b]) => a! - b!)).toEqual([
    [2, -15_000],
    [1, expect.closeTo(1_785_000, -5)],
  ])
})
