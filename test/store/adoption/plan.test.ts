import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/store/database.ts'
import { checkMigration, migrate, pendingMigrations, planMigration } from '../../../src/store/migrate.ts'
import { scriptOf } from '../../../src/store/steps/script.ts'
import { testDatabase } from '../../helpers/database.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { dump, expectRowsKept } from './model.ts'
import { runScript } from './script.ts'
import { PLAIN, variantOf } from './variant.ts'

const sqlOf = async (db: Db) =>
  (await planMigration(db)).flatMap(({ units }) => units.flatMap(({ statements }) => statements))

describe('the plan', () => {
  it('changes nothing, and says locks and row counts', async () => {
    const { db } = await legacyDatabase({ ...PLAIN, doubled: true, nameless: true })
    await sql`ANALYZE`.execute(db)
    const before = await dump(db)
    const statements = await sqlOf(db)
    expect(await dump(db)).toEqual(before)
    expect(await pendingMigrations(db)).toHaveLength((await planMigration(db)).length)
    const about = (start: string) => statements.find(({ sql: text }) => text.includes(start))
    expect(about('INSERT INTO haku_participants_duplicates')).toMatchObject({
      lock: 'ROW EXCLUSIVE',
      rows: 4,
    })
    expect(about('CREATE UNIQUE INDEX CONCURRENTLY unique_haku_participant')).toMatchObject({
      lock: 'SHARE UPDATE EXCLUSIVE',
      tables: ['haku_participants'],
      rows: before.get('haku_participants')!.length,
    })
    expect(about('LOCK TABLE haku_participants, haku_events')).toMatchObject({ lock: 'ACCESS EXCLUSIVE' })
    // Who inserts a participant locks it before its event: another order would make two wait for each other.
    const locks = statements
      .filter(({ sql: text }) => text.startsWith('LOCK TABLE'))
      .map(({ tables }) => tables)
    expect(locks).toContainEqual(['timing_partners'])
    expect(locks).toContainEqual(['haku_participants', 'haku_events'])
    for (const tables of locks.filter(
      (one) => one.includes('haku_events') && one.includes('haku_participants'),
    ))
      expect(tables.indexOf('haku_participants')).toBeLessThan(tables.indexOf('haku_events'))
    // Of tables that are not there yet nobody meets a lock.
    expect(about('sync_state')).toMatchObject({ lock: null, tables: [] })
  })

  it.each([3, 7, 11])('is a script that an administrator can run instead (seed %i)', async (seed) => {
    const { db, url } = await legacyDatabase(variantOf(seed))
    const before = await dump(db)
    await runScript(url, scriptOf(await planMigration(db)))
    expect(await pendingMigrations(db)).toEqual([])
    expect(await migrate(db)).toEqual({ applied: [] })
    expectRowsKept(before, await dump(db))
    await expectWhole(db)
  })

  it('of an empty database is a script too', async () => {
    const { db, url } = await testDatabase({ empty: true })
    await runScript(url, scriptOf(await planMigration(db)))
    expect(await pendingMigrations(db)).toEqual([])
    await expectWhole(db)
  })

  it('can be read by a role that owns nothing, which is told so before it changes anything', async () => {
    const { db, url } = await legacyDatabase(PLAIN)
    // Roles are the server's, which all test files share.
    const role = `reader_${new URL(url).pathname.slice(1)}`
    await sql.raw(`CREATE ROLE ${role}`).execute(db)
    await sql.raw(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`).execute(db)
    // Signing in as somebody else is the server's affair; what counts is with whose rights statements run.
    const plan = await db.connection().execute(async (connection) => {
      await sql.raw(`SET ROLE ${role}`).execute(connection)
      const found = {
        ...(await checkMigration(connection as Db)),
        steps: await planMigration(connection as Db),
      }
      await expect(migrate(connection as Db)).rejects.toMatchObject({
        code: 'RIGHTS_MISSING',
        message: expect.stringContaining('haku_participants'),
        hint: expect.stringContaining('--plan'),
      })
      await sql`RESET ROLE`.execute(connection)
      return found
    })
    expect(plan.notOwned).toContain('haku_participants')
    expect(plan.steps.length).toBeGreaterThan(8)
    await sql.raw(`DROP OWNED BY ${role}`).execute(db)
    await sql.raw(`DROP ROLE ${role}`).execute(db)
  })
})

describe('what stands in the way is named, and nothing is changed', () => {
  const CASES: [name: string, statement: string, message: RegExp][] = [
    [
      'a view of somebody’s',
      'CREATE VIEW bib_report AS SELECT bib_number FROM haku_participants',
      /view public\.bib_report looks at haku_participants/,
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW counts AS SELECT event_name FROM haku_events',
      /view public\.counts looks at haku_events/,
    ],
    [
      'a view over a view that is made anew',
      'CREATE VIEW mine AS SELECT email FROM unified_participants',
      /view public\.mine looks at unified_participants/,
    ],
    [
      'a foreign key to a key that goes',
      'CREATE TABLE notes (event_id varchar(100) REFERENCES haku_events, note text)',
      /foreign key notes_event_id_fkey of notes points to haku_events by event_id alone/,
    ],
    [
      'a trigger on a column whose type changes',
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER t BEFORE UPDATE OF email ON haku_participants FOR EACH ROW EXECUTE FUNCTION f()`,
      /trigger t on table haku_participants looks at haku_participants/,
    ],
    [
      'a table of the same name and other contents',
      'ALTER TABLE sync_queue DROP COLUMN operation_type',
      /table sync_queue is not the one that startlist knows: it lacks operation_type/,
    ],
    [
      'a view that is read with its reader’s rights',
      'ALTER VIEW unified_participants SET (security_invoker = true)',
      /view public\.unified_participants is read with its reader's rights/,
    ],
    [
      'a wider view',
      `DROP VIEW unified_events; CREATE VIEW unified_events AS SELECT 'haku' AS source_provider, location AS city FROM haku_events`,
      /view public\.unified_events has columns that startlist's has not: city/,
    ],
  ]
  it.each(CASES)('%s', async (_, statement, message) => {
    const { db } = await legacyDatabase(PLAIN)
    await sql.raw(statement).execute(db)
    const before = await dump(db)
    expect((await checkMigration(db)).blockers).toEqual([expect.stringMatching(message)])
    await expect(migrate(db)).rejects.toMatchObject({
      code: 'ADOPTION_BLOCKED',
      message: expect.stringMatching(message),
    })
    expect(await dump(db)).toEqual(before)
  })

  it('but a view on columns that stay as they are is left alone', async () => {
    const { db } = await legacyDatabase(PLAIN)
    await sql`CREATE VIEW starts AS SELECT start_date FROM haku_events`.execute(db)
    await migrate(db)
    const { rows } = await sql`SELECT * FROM starts`.execute(db)
    expect(rows).toHaveLength(4)
  })
})
