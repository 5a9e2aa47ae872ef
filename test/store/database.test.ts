import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { type Db, openDatabase, openPool } from '../../src/store/database.ts'
import { asDatabaseError, sqlState } from '../../src/store/database-error.ts'
import { testDatabase } from '../helpers/database.ts'

let db: Db
let url: string
beforeAll(async () => {
  ;({ db, url } = await testDatabase())
})

async function value<T>(on: Db, expression: string): Promise<T> {
  const { rows } = await sql<{ value: T }>`SELECT ${sql.raw(expression)} AS value`.execute(on)
  return rows[0]!.value
}

describe('values', () => {
  it.each([
    [`'2026-05-02 11:00:00.123456+00'::timestamptz`, '2026-05-02T11:00:00.123456Z'],
    [`'2026-05-02 07:00:00-04'::timestamptz`, '2026-05-02T11:00:00Z'],
    [`'infinity'::timestamptz`, 'infinity'],
    [`'2026-05-02 08:30:00.5'::timestamp`, '2026-05-02T08:30:00.5'],
    [`'2026-05-02'::date`, '2026-05-02'],
    ['1234567890123456::bigint', 1234567890123456],
    ['85.00::numeric(10,2)', '85.00'],
    [`ARRAY[1, NULL]::bigint[]`, [1, null]],
    [`ARRAY['2026-05-02 11:00:00.000001+00']::timestamptz[]`, ['2026-05-02T11:00:00.000001Z']],
    [`ARRAY['2026-05-02']::date[]`, ['2026-05-02']],
    [`'{"a": [1]}'::jsonb`, { a: [1] }],
  ])('%s reads as %j', async (expression, expected) => {
    expect(await value(db, expression)).toEqual(expected)
  })

  it('refuses a bigint that would be rounded', async () => {
    await expect(value(db, '9007199254740993::bigint')).rejects.toThrow(RangeError)
  })

  it('sends a Date as the instant it is, whatever the process zone', async () => {
    const { rows } = await sql<{
      at: string
    }>`SELECT ${new Date('2026-05-02T11:00:00.5Z')}::timestamptz AS at`.execute(db)
    expect(rows[0]!.at).toBe('2026-05-02T11:00:00.5Z')
  })
})

describe('sessions', () => {
  it.each([
    ['TimeZone', 'UTC'],
    ['search_path', 'startlist_shadow, public'],
    ['application_name', 'startlist'],
    ['statement_timeout', '1min'],
    ['lock_timeout', '15s'],
    ['idle_in_transaction_session_timeout', '1min'],
  ])('%s is %s', async (name, expected) => {
    expect(await value(db, `current_setting('${name}')`)).toBe(expected)
  })

  it('stays alive when the server ends an idle connection, and one inside a transaction', async () => {
    const other = openDatabase(url, { max: 1, applicationName: 'victim' })
    const kill = () =>
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`.execute(
        db,
      )
    await value(other, '1')
    await kill()
    await expect.poll(() => value(other, '2').catch(() => 'broken')).toBe(2)
    const lost = other.transaction().execute(async (trx) => {
      await sql`SELECT 1`.execute(trx)
      await kill()
      await new Promise((resolve) => setTimeout(resolve, 100))
      await sql`SELECT 1`.execute(trx)
    })
    await expect(lost).rejects.toThrow()
    await expect.poll(() => value(other, '3').catch(() => 'broken')).toBe(3)
    await other.destroy()
  })
})

describe('virtual time', () => {
  it('is the same on every connection, and follows the clock', async () => {
    const clock = new VirtualClock('2026-05-02T11:00:00Z')
    const simulated = openDatabase(url, { virtualClock: clock, max: 3 })
    const threeAtOnce = () =>
      Promise.all(
        [1, 2, 3].map(() => value<string>(simulated, `(SELECT startlist.clock() FROM pg_sleep(0.05))`)),
      )
    expect(new Set(await threeAtOnce())).toEqual(new Set(['2026-05-02T11:00:00Z']))
    clock.advance(1_500)
    expect(new Set(await threeAtOnce())).toEqual(new Set(['2026-05-02T11:00:01.5Z']))
    await simulated.destroy()
  })

  it('leaves other databases with real time', async () => {
    const drift = Date.parse(await value<string>(db, 'startlist.clock()')) - Date.now()
    expect(Math.abs(drift)).toBeLessThan(5_000)
  })
})

describe('errors', () => {
  it('names host and port of an unreachable database, never the password', async () => {
    const nowhere = openDatabase('postgres://user:hunter2hunter2@127.0.0.1:1/none')
    const error = await value(nowhere, '1').catch((e: unknown) => asDatabaseError(e))
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    expect(String(error)).toContain('127.0.0.1:1')
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
    await nowhere.destroy()
  })

  it('calls a refused password, and a database that is not there, unreachable', async () => {
    for (const change of [{ password: 'wrong-password' }, { pathname: '/no_such_database' }]) {
      const wrong: URL = new URL(url)
      Object.assign(wrong, change)
      const other = openDatabase(wrong.href)
      await expect(value(other, '1')).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
      await other.destroy()
    }
  })

  it('keeps the SQLSTATE and no value of a row', async () => {
    const refused = await value(db, `'31 February 1980'::date`).catch((e: unknown) => e)
    const error = asDatabaseError(refused)
    expect(error.code).toBe('DATABASE')
    expect(sqlState(refused)).toBe('22008')
    expect(sqlState(error)).toBe('22008')
    expect(error.message + JSON.stringify(error.cause)).not.toContain('1980')
  })

  it('leaves a StartlistError as it is', () => {
    const error = asDatabaseError(new Error('odd'))
    expect(asDatabaseError(error)).toBe(error)
  })
})

it('openPool gives bare clients with the same sessions', async () => {
  const pool = openPool(url)
  const client = await pool.connect()
  const { rows } = await client.query(`SELECT current_setting('TimeZone') AS zone, now() AS at`)
  expect(rows[0].zone).toBe('UTC')
  expect(rows[0].at).toMatch(/Z$/)
  client.release()
  await pool.end()
})
