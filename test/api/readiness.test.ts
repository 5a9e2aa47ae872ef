import { describe, expect, it } from 'vitest'
import { readinessOf } from '../../src/api/readiness.ts'
import { isStalled } from '../../src/scheduler/pulse.ts'
import { openDatabase } from '../../src/store/database.ts'
import { testDatabase } from '../helpers/database.ts'

const NOW = Date.parse('2026-05-01T16:00:00Z')
const MINUTE = 60_000
const idle = async () => ({ dueAt: null, lastTurnAt: null })

describe('turns', () => {
  it.each([
    ['nothing waits', null, null, false],
    ['one is due just now', NOW - MINUTE, null, false],
    ['one is due later', NOW + 60 * MINUTE, NOW - 60 * MINUTE, false],
    ['one has been due for long', NOW - 3 * MINUTE, null, true],
    ['one has been due for long, others end', NOW - 3 * MINUTE, NOW - MINUTE, false],
    ['one has been due for long, the last ended before', NOW - 3 * MINUTE, NOW - 4 * MINUTE, true],
  ])('%s', (_, dueAt, lastTurnAt, stalled) => {
    expect(isStalled({ dueAt, lastTurnAt }, NOW)).toBe(stalled)
  })
})

describe('a process is ready', () => {
  it('when its database answers, has the schema, and turns go on', async () => {
    const { db } = await testDatabase()
    expect(await readinessOf(db, idle, NOW)).toEqual({ ready: true, reasons: [] })
    const stalled = async () => ({ dueAt: NOW - 3 * MINUTE, lastTurnAt: null })
    expect(await readinessOf(db, stalled, NOW)).toMatchObject({ ready: false, reasons: [{ check: 'turns' }] })
  })

  it('not without this release’s schema', async () => {
    const { db } = await testDatabase({ empty: true })
    expect(await readinessOf(db, idle, NOW)).toMatchObject({
      ready: false,
      reasons: [{ check: 'schema', code: 'SCHEMA_MISSING', hint: expect.stringContaining('migrate') }],
    })
  })

  it('not while the database is away, whose address and password it keeps to itself', async () => {
    const db = openDatabase('postgres://me:hunter2hunter2@127.0.0.1:1/races')
    const readiness = await readinessOf(db, idle, NOW)
    expect(readiness).toMatchObject({ reasons: [{ check: 'database', code: 'DATABASE_UNREACHABLE' }] })
    expect(JSON.stringify(readiness)).not.toMatch(/hunter2|127\.0\.0\.1/)
    await db.destroy()
  })
})
