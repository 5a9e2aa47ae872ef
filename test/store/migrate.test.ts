import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { assertSchema, migrate, pendingMigrations } from '../../src/store/migrate.ts'
import { steps } from '../../src/store/migrations/index.ts'
import { testDatabase } from '../helpers/database.ts'

const all = steps.map((step) => step.name)

/** Every relation, column, constraint and index of ours, as text that can be compared. */
async function shape(db: Db): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    SELECT format('%s.%s %s %s null=%s default=%s', table_schema, table_name, column_name, data_type, is_nullable, column_default) AS line
      FROM information_schema.columns WHERE table_schema IN ('public', 'startlist')
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1`.execute(db)
  const lines = rows.map((row) => row.line)
  expect(lines.length).toBeGreaterThan(300)
  return lines
}

describe('an empty database', () => {
  it('lacks the schema, gets it once, and then has nothing to do', async () => {
    const { db } = await testDatabase({ empty: true })
    expect(await pendingMigrations(db)).toEqual(all)
    await expect(assertSchema(db)).rejects.toMatchObject({ code: 'SCHEMA_MISSING' })
    expect(await migrate(db)).toEqual({ applied: all })
    await assertSchema(db)
    const before = await shape(db)
    expect(await migrate(db)).toEqual({ applied: [] })
    expect(await pendingMigrations(db)).toEqual([])
    expect(await shape(db)).toEqual(before)
  })

  it('two migrate at once: one does it, the other waits and finds it done', async () => {
    const { db, url } = await testDatabase({ empty: true })
    // Patience is for other statements: a migrate may take longer than lock_timeout allows them to wait.
    const second = openDatabase(url, { lockTimeoutMs: 1, statementTimeoutMs: 60_000 })
    const results = await Promise.all([migrate(db), migrate(second)])
    expect(results.map((r) => r.applied).sort((a, b) => b.length - a.length)).toEqual([all, []])
    await second.destroy()
  })

  it('a second migrate waits while the first is at work, holding no snapshot meanwhile', async () => {
    const { db, url } = await testDatabase({ empty: true })
    const first = openDatabase(url)
    const events: string[] = []
    await first.connection().execute(async (holder) => {
      // The key of releases that migrated with Kysely: they and this one keep out of each other's way.
      await sql`SELECT pg_advisory_lock(3853314791062309107)`.execute(holder)
      const waiting = Promise.withResolvers<void>()
      const clock = {
        now: () => 0,
        sleep: async () => {
          waiting.resolve()
          await new Promise(setImmediate)
        },
      }
      const second = migrate(db, { clock }).then(() => events.push('second migrated'))
      await waiting.promise
      const { rows } = await sql<{ n: number }>`
        SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND wait_event_type = 'Lock'`.execute(
        holder,
      )
      expect(rows[0]!.n).toBe(0)
      events.push('first ends')
      await sql`SELECT pg_advisory_unlock(3853314791062309107)`.execute(holder)
      await second
    })
    expect(events).toEqual(['first ends', 'second migrated'])
    await first.destroy()
  })
})

describe('a database of an earlier release', () => {
  it('goes on from its last step, and its readers keep their rights on the views', async () => {
    const { db } = await testDatabase({ empty: true })
    await sql
      .raw(`CREATE SCHEMA startlist;
      CREATE TABLE startlist.migrations (name varchar(255) PRIMARY KEY, timestamp varchar(255) NOT NULL);
      CREATE TABLE startlist.migrations_lock (id varchar(255) PRIMARY KEY, is_locked integer NOT NULL DEFAULT 0)`)
      .execute(db)
    for (const step of steps.slice(0, 3)) {
      for (const statement of step.statements) await sql.raw(statement).execute(db)
      await sql`INSERT INTO startlist.migrations VALUES (${step.name}, '2026-01-01')`.execute(db)
    }
    // Its first step made the views, of fewer columns.
    await sql
      .raw(`CREATE VIEW unified_events AS SELECT 'haku'::text AS source_provider, timing_partner_id, event_id,
        event_name, start_date AS event_date, fetched_date, starts_at FROM haku_events;
      GRANT SELECT ON unified_events TO PUBLIC`)
      .execute(db)
    expect(await migrate(db)).toEqual({ applied: all.slice(3) })
    const { rows } =
      await sql`SELECT has_table_privilege('pg_monitor', 'unified_events', 'SELECT') AS theirs`.execute(db)
    expect(rows).toEqual([{ theirs: true }])
    await sql`SELECT fresh_at FROM unified_events`.execute(db)
  })
})

describe('a migrated database', () => {
  it('bears every statement again without a change', async () => {
    const { db } = await testDatabase()
    const before = await shape(db)
    for (const step of steps) for (const statement of step.statements) await sql.raw(statement).execute(db)
    expect(await shape(db)).toEqual(before)
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM providers`.execute(db)
    expect(rows[0]!.n).toBe(2)
  })

  const applyLater = (db: Db) =>
    sql`INSERT INTO startlist.migrations (name, timestamp) VALUES ('9999_tomorrow', now()::text)`.execute(db)

  it('goes on working beside a later release that leaves it what it needs', async () => {
    const { db } = await testDatabase()
    await applyLater(db)
    await assertSchema(db)
    expect(await migrate(db)).toEqual({ applied: [] })
  })

  it('is refused when a later release has changed what this one needs', async () => {
    const { db } = await testDatabase()
    await applyLater(db)
    await sql`COMMENT ON TABLE startlist.migrations IS '9999_tomorrow'`.execute(db)
    await expect(assertSchema(db)).rejects.toMatchObject({
      code: 'SCHEMA_NEWER',
      message: expect.stringContaining('9999_tomorrow'),
    })
    await expect(migrate(db)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
  })

  it('is refused when nobody said what a release has to know', async () => {
    const { db } = await testDatabase()
    await applyLater(db)
    await sql`COMMENT ON TABLE startlist.migrations IS NULL`.execute(db)
    await expect(assertSchema(db)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
  })

  it('of an earlier release learns what has to be known', async () => {
    const { db } = await testDatabase()
    await sql`COMMENT ON TABLE startlist.migrations IS NULL`.execute(db)
    await migrate(db)
    await applyLater(db)
    await assertSchema(db)
  })

  it('keeps the settings of the session that migrated it', async () => {
    const { db } = await testDatabase({ max: 1 })
    await migrate(db)
    const { rows } = await sql<{
      t: string
      l: string
    }>`SELECT current_setting('statement_timeout') t, current_setting('lock_timeout') l`.execute(db)
    expect(rows[0]).toEqual({ t: '1min', l: '15s' })
  })

  it('is described by the schema that Kysely types come from', async () => {
    const { db } = await testDatabase()
    const { readdir, readFile } = await import('node:fs/promises')
    const files = (await readdir('src/store/schema')).map((name) => `schema/${name}`)
    files.push('schema.ts')
    const source = (await Promise.all(files.map((file) => readFile(`src/store/${file}`, 'utf8')))).join('\n')
    const { rows } = await sql<{ relation: string; columns: string[] }>`
      SELECT table_name AS relation, array_agg(column_name::text ORDER BY column_name) AS columns
      FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1`.execute(db)
    const described = describedTables(source)
    expect([...described.keys()].sort()).toEqual(rows.map((row) => row.relation).sort())
    for (const { relation, columns } of rows) expect(described.get(relation), relation).toEqual(columns)
  })

  it('says so when there is no database to ask', async () => {
    const nowhere = openDatabase('postgres://startlist@127.0.0.1:1/none')
    await expect(assertSchema(nowhere)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await nowhere.destroy()
  })
})

/** Table name to sorted column names, read from the source of the interfaces. */
function describedTables(source: string): Map<string, string[]> {
  const bodies = new Map<string, { base: string | undefined; columns: string[] }>()
  for (const [, name, base, body] of source.matchAll(
    /interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)\n\}/g,
  )) {
    bodies.set(name!, { base, columns: [...body!.matchAll(/^ {2}(\w+): /gm)].map((m) => m[1]!) })
  }
  const columnsOf = (name: string): string[] => {
    const { base, columns } = bodies.get(name)!
    return [...columns, ...(base ? columnsOf(base) : [])].sort()
  }
  const database = source.match(/interface Database \{\n([\s\S]*?)\n\}/)![1]!
  return new Map([...database.matchAll(/^ {2}(\w+): (\w+)$/gm)].map((m) => [m[1]!, columnsOf(m[2]!)]))
}
