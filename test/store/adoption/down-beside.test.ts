import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../src/store/database.ts'
import { migrate, pendingMigrations } from '../../../src/store/migrate.ts'
import { migrateDown, planMigrateDown } from '../../../src/store/migrate-down.ts'
import { scriptOf } from '../../../src/store/steps/script.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { startMigrate } from './kill.ts'
import { ask, viewQueries } from './readers.ts'
import { dropRoles, readAs, roleIn } from './roles.ts'
import { runScript } from './script.ts'
import { wholeOf } from './there-and-back.ts'
import { PLAIN, type Variant } from './variant.ts'

const OPTIONS = { key: Buffer.alloc(32, 5).toString('base64'), accept: new Set<never>() }
const WORST: Variant = {
  ...PLAIN,
  ...{ doubled: true, nameless: true, lacking: true, lagging: true, otherNames: true, eventStatus: true },
  ...{ views: 'others', oneCredential: false },
}

afterEach(dropRoles)

describe('the plan of the way back', () => {
  it('changes nothing, names each statement with its locks and rows, and as a script does it all', async () => {
    const { db, url } = await legacyDatabase(WORST)
    const before = await wholeOf(db)
    await migrate(db)
    const adopted = await wholeOf(db)
    const { unit, goes, inTheWay } = await planMigrateDown(db, OPTIONS)
    expect(await wholeOf(db)).toEqual(adopted)
    expect(inTheWay).toEqual([])
    expect(goes).toContainEqual({ table: 'accounts', rows: 3 })
    const locks = unit.statements.slice(0, 3)
    expect(locks.map(({ lock }) => lock)).toEqual(Array(3).fill('ACCESS EXCLUSIVE'))
    // As others lock: a view before what it reads, a registration before its event.
    const at = (name: string) => locks.flatMap(({ tables }) => tables).indexOf(name)
    expect(at('unified_participants')).toBeLessThan(at('haku_participants'))
    expect(at('haku_participants')).toBeLessThan(at('haku_events'))
    expect(at('haku_events')).toBeLessThan(at('timing_partners'))
    const lines = scriptOf([{ name: 'down', units: [unit] }])
    expect(lines).toContainEqual(
      expect.stringMatching(/^-- {3}ACCESS EXCLUSIVE lock on haku_participants; [\d,]+ rows$/),
    )
    await runScript(url, lines)
    expect(await wholeOf(db)).toEqual(before)
  })

  it('says of every statement the tables that it locks, for all of them are locked at first', async () => {
    const { db } = await legacyDatabase(WORST)
    await migrate(db)
    const { unit } = await planMigrateDown(db, OPTIONS)
    const said = unit.statements.slice(0, 3).flatMap(({ tables }) => tables)
    expect(said).not.toContain('raceroster_participants')
    await db.transaction().execute(async (trx) => {
      for (const one of unit.statements) await sql.raw(one.sql).execute(trx)
      const { rows } = await sql<{ name: string }>`
        SELECT DISTINCT c.relname::text AS name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND relkind IN ('r', 'v')
          AND relnamespace = 'public'::regnamespace`.execute(trx)
      expect(rows.map(({ name }) => name).filter((name) => !said.includes(name))).toEqual([])
    })
  })
})

describe('the way back, when it is cut off', () => {
  it('by kill -9 at any statement leaves the adopted database whole, and comes to its end the next time', async () => {
    const { db, url } = await legacyDatabase(WORST)
    const before = await wholeOf(db)
    await migrate(db)
    const adopted = await wholeOf(db)
    const { unit } = await planMigrateDown(db, OPTIONS)
    // The first of the plan are the locks, of which nobody is told.
    const last = unit.statements.length - 3
    for (const at of [1, 8, Math.floor(last / 3), Math.floor((2 * last) / 3), last - 2, last]) {
      expect((await startMigrate(url, { at, afterMs: null }, 'down').end).killed).toBe(true)
      await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'down-child'`.execute(db)
      expect(await wholeOf(db)).toEqual(adopted)
      expect(await pendingMigrations(db)).toEqual([])
    }
    await expectWhole(db)
    expect((await startMigrate(url, undefined, 'down').end).killed).toBe(false)
    expect(await wholeOf(db)).toEqual(before)
  }, 120_000)

  it('gives way to somebody who holds a table, and says who it was', async () => {
    const { db, url } = await legacyDatabase(PLAIN)
    await migrate(db)
    const report = openDatabase(url, { applicationName: 'a report' })
    const reading = await report.startTransaction().execute()
    await sql`SELECT count(*) FROM haku_events`.execute(reading)
    const patience = { lockTimeoutMs: 20, tries: 2, longestPauseMs: 10 }
    await expect(migrateDown(db, { ...OPTIONS, patience })).rejects.toMatchObject({
      code: 'LOCKED_OUT',
      message: expect.stringMatching(/a report \(pid \d+\) holds a lock/),
    })
    await expectWhole(db)
    const later = migrateDown(db, {
      ...OPTIONS,
      patience: { lockTimeoutMs: 20, tries: 1_000, longestPauseMs: 10 },
    })
    await reading.commit().execute()
    await later
    await report.destroy()
  })
})

describe('what came since the adoption', () => {
  it('stays, as far as it is a row: what startlist met as it is now, the rest as it was found', async () => {
    const { db } = await legacyDatabase({
      ...PLAIN,
      nameless: true,
      doubled: true,
      lacking: true,
      orphans: true,
    })
    await migrate(db)
    await sql
      .raw(`UPDATE haku_participants SET phone = '+1', mapping_version = 1 WHERE participant_id IN ('R-20', 'R-51');
      UPDATE haku_events SET row_hash = 'x' WHERE event_id = 'ev-5';
      UPDATE haku_events SET event_name = 'A script had it' WHERE event_id = 'ev-99';
      INSERT INTO haku_events (event_id, event_name, timing_partner_id, row_hash) VALUES ('ev-7', 'New', 1, 'x');
      INSERT INTO haku_participants (event_id, participant_id, first_name, bib_number, timing_partner_id, mapping_version)
        VALUES ('ev-7', 'R-70', 'Nora', '70', 1, 1);
      UPDATE haku_participants SET local_bib = NULL WHERE participant_id = 'R-20';
      INSERT INTO partner_provider_credentials (timing_partner_id, provider_id, principal, secret) VALUES (2, 1, 'new', 's')`)
      .execute(db)
    await migrateDown(db, OPTIONS)
    const { rows: people } = await sql`
      SELECT participant_id AS key, bib_number AS bib, phone, timing_partner_id AS partner FROM haku_participants
      WHERE participant_id IN ('R-16', 'R-20', 'R-51', 'R-70') ORDER BY 1, id`.execute(db)
    expect(people).toMatchObject([
      // Adopted and never met: it had no timing partner.
      { key: 'R-16', partner: null },
      { key: 'R-20', bib: '107', phone: null },
      { key: 'R-20', bib: '107', phone: '+1' },
      { key: 'R-20', bib: '777', phone: null },
      { key: 'R-51', phone: '+1', partner: 3 },
      { key: 'R-70', bib: '70', partner: 1 },
    ])
    const { rows: events } = await sql`
      SELECT event_id AS id, timing_partner_id AS partner FROM haku_events WHERE event_id > 'ev-4' ORDER BY 1`.execute(
      db,
    )
    expect(events).toEqual([
      { id: 'ev-5', partner: 3 },
      { id: 'ev-6', partner: null },
      { id: 'ev-7', partner: 1 },
      { id: 'ev-99', partner: 2 },
    ])
  })

  it('stays, as far as it is somebody’s: columns, indexes, triggers, comments and rights', async () => {
    const { db } = await legacyDatabase({ ...PLAIN, otherNames: true, doubled: true })
    const [reader, gone] = [await roleIn(db, 'reader'), await roleIn(db, 'gone')]
    await sql
      .raw(`GRANT SELECT ON unified_participants, haku_events TO ${gone};
      CREATE VIEW unified_results AS SELECT bib, first_name FROM raceroster_participants;
      CREATE VIEW podium AS SELECT * FROM unified_results`)
      .execute(db)
    await migrate(db)
    await sql
      .raw(`ALTER TABLE haku_events ADD COLUMN theirs text;
      CREATE INDEX their_index ON haku_events (start_date);
      CREATE TABLE fired (id integer);
      CREATE FUNCTION their_function() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN INSERT INTO fired VALUES (NEW.id); RETURN NEW; END';
      CREATE TRIGGER their_trigger BEFORE INSERT OR UPDATE ON haku_participants FOR EACH ROW EXECUTE FUNCTION their_function();
      COMMENT ON COLUMN haku_events.location IS 'theirs'; COMMENT ON TABLE providers IS 'theirs';
      ALTER TABLE haku_events ADD CONSTRAINT their_check CHECK (registration_limit > 0);
      CREATE TABLE notes (partner integer REFERENCES timing_partners, note text);
      CREATE VIEW dates AS SELECT start_date FROM haku_events;
      GRANT SELECT ON unified_participants, haku_participants TO ${reader};
      REVOKE SELECT ON unified_participants, haku_events FROM ${gone}`)
      .execute(db)
    await migrateDown(db, OPTIONS)
    const { catalogue, rows } = await wholeOf(db)
    // Rows that came home are no news.
    expect(rows['public.fired']).toEqual([])
    const has = (text: RegExp) => expect(catalogue).toContainEqual(expect.stringMatching(text))
    has(/^column public\.haku_events\.theirs /)
    has(/^index CREATE INDEX their_index /)
    has(/^trigger O CREATE TRIGGER their_trigger /)
    has(/^column public\.haku_events\.location .* comment=theirs$/)
    has(/^r public\.providers .* comment=theirs$/)
    has(/^constraint their_check on haku_events/)
    has(/^constraint notes_partner_fkey on notes: FOREIGN KEY \(partner\) REFERENCES timing_partners\(id\)/)
    has(/^view public\.dates/)
    has(/^view public\.podium/)
    has(new RegExp(`^grant SELECT on unified_participants to ${reader}`))
    has(new RegExp(`^grant SELECT on haku_participants to ${reader}`))
    expect(catalogue.filter((line) => line.includes(gone))).toEqual([])
    expect(catalogue.filter((line) => /startlist[._]|schema startlist/.test(line))).toEqual([])
  })
})

describe('readers, after the way back', () => {
  it('with rights on the views alone find what they found, whoever owns them', async () => {
    const { db } = await legacyDatabase({ ...PLAIN, views: 'others' })
    const [reader, analyst] = [await roleIn(db, 'reporting'), await roleIn(db, 'analyst')]
    await sql
      .raw(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${analyst};
      GRANT CREATE ON SCHEMA public TO ${analyst};
      ALTER VIEW unified_participants OWNER TO ${analyst};
      GRANT SELECT ON unified_participants TO ${reader} WITH GRANT OPTION;
      GRANT SELECT (source_provider, timing_partner_id, event_id, event_name, event_date, fetched_date)
        ON unified_events TO ${reader}`)
      .execute(db)
    const before = {
      whole: await wholeOf(db),
      answers: await readAs(db, reader, (theirs) => ask(theirs, viewQueries)),
    }
    await migrate(db)
    await migrateDown(db, OPTIONS)
    expect(await readAs(db, reader, (theirs) => ask(theirs, viewQueries))).toEqual(before.answers)
    expect(await wholeOf(db)).toEqual(before.whole)
    await readAs(db, reader, async (theirs) => {
      await expect(sql`SELECT FROM haku_participants`.execute(theirs)).rejects.toMatchObject({
        code: '42501',
      })
    })
  })
})
