import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Trx } from '../../../src/store/database.ts'
import { TENANT_READS } from '../../../src/store/isolation/grants.ts'
import { type TestDatabase, testDatabase } from '../../helpers/database.ts'
import { type Asker, askAs } from './as-role.ts'
import { type Seeded, seedPartner } from './partner-rows.ts'

/** Rows that are everybody's. */
const COMMON = ['providers']

let database: TestDatabase
/** Partners with an account each; two on one account; and one on that account with a refused secret. */
let alone: Seeded
let birch: Seeded
let cedar: Seeded
let refused: Seeded
let relations: { name: string; kind: string; column: string }[]

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  alone = await seedPartner(db, 'alder')
  birch = await seedPartner(db, 'birch', { principal: 'shared' })
  cedar = await seedPartner(db, 'cedar', { principal: 'shared' })
  refused = await seedPartner(db, 'dogwood', { principal: 'shared', state: 'Refused' })
  const { rows } = await sql<(typeof relations)[number]>`
    SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name, c.relkind AS kind,
      a.attname AS column
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    ORDER BY 1`.execute(db)
  relations = rows
})

const api = (partnerId?: number): Asker => ({
  role: 'startlist_api',
  ...(partnerId === undefined ? {} : { partnerId }),
})

const columnsOf = (name: string): string => {
  const columns = TENANT_READS[name]
  return columns === undefined || columns === 'all' ? '*' : columns.join(', ')
}

/** Every row of a relation as text, those columns that a tenant may read. */
const read = (name: string) => async (trx: Trx) => {
  const { rows } = await sql<{ row: string }>`
    SELECT row_to_json(r)::text AS row FROM (SELECT ${sql.raw(columnsOf(name))} FROM ${sql.raw(name)}) r`.execute(
    trx,
  )
  return rows.map(({ row }) => row)
}

/** Which of the partners the rows are about. */
function about(rows: readonly string[] | 'refused'): string[] {
  if (rows === 'refused') return ['refused']
  const marks = [alone, birch, cedar, refused].filter(({ mark, partnerId }) =>
    rows.some((row) => row.includes(`"${mark}"`) || row.includes(`"timing_partner_id":${partnerId},`)),
  )
  return marks.map(({ mark }) => mark)
}

/** Relations whose rows belong to an account, and so to all who receive its events. */
const OF_ACCOUNTS = ['sync_state', 'api_calls', 'holds']

describe('roles x tables x partners', () => {
  it('a tenant reads its own rows of what it may read, and nothing of any other relation', async () => {
    for (const { name } of relations) {
      for (const me of [alone, birch, cedar, refused]) {
        const rows = await askAs(database.db, api(me.partnerId), read(name))
        const where = `${name} as ${me.mark}`
        if (!(name in TENANT_READS)) expect([where, rows]).toEqual([where, 'refused'])
        else if (COMMON.includes(name)) expect(rows, where).not.toHaveLength(0)
        else if (name === 'accounts') expect(rows, where).toHaveLength(me === refused ? 0 : 1)
        else if (OF_ACCOUNTS.includes(name)) {
          // What an account's calls brought is also theirs who share it and have proven their own secret (S1).
          const shared = ['birch', 'cedar', 'dogwood']
          const seen = me === alone ? ['alder'] : me === refused ? [] : shared
          expect([where, about(rows)]).toEqual([where, seen])
        } else expect([where, about(rows)]).toEqual([where, [me.mark]])
      }
    }
  })

  it('a tenant without a partner, or of one that does not exist, reads no row of anybody', async () => {
    for (const name of Object.keys(TENANT_READS).filter((table) => !COMMON.includes(table))) {
      for (const nobody of [api(), api(999_999)])
        expect([name, await askAs(database.db, nobody, read(name))]).toEqual([name, []])
    }
  })

  it('a tenant changes nothing anywhere', async () => {
    for (const { name, column } of relations) {
      const changes = [
        `INSERT INTO ${name} DEFAULT VALUES`,
        `UPDATE ${name} SET ${column} = DEFAULT`,
        `DELETE FROM ${name}`,
        `TRUNCATE ${name}`,
      ]
      for (const text of changes) {
        const done = askAs(database.db, api(alone.partnerId), (trx) => sql.raw(text).execute(trx)).catch(
          (error: unknown) => String(error),
        )
        // What PostgreSQL refuses everybody, such as TRUNCATE of a view, comes before rights are looked at.
        const refused = expect.stringMatching(/^refused$|is not a table|cannot (insert|update|delete)/)
        expect([text, await done]).toEqual([text, refused])
      }
    }
  })

  it('a tenant cannot read a secret, a token or a hash by any name', async () => {
    const closed = [
      'SELECT secret FROM partner_provider_credentials',
      'SELECT additional_config FROM partner_provider_credentials',
      'SELECT * FROM partner_provider_credentials',
      'SELECT token FROM accounts',
      'SELECT token_credential_id FROM accounts',
      'SELECT password_hash FROM timing_partners',
      'SELECT token_hash FROM api_tokens',
      'SELECT c FROM partner_provider_credentials c',
    ]
    for (const text of closed)
      expect([
        text,
        await askAs(database.db, api(alone.partnerId), (trx) => sql.raw(text).execute(trx)),
      ]).toEqual([text, 'refused'])
  })

  it('a worker reads and changes the rows of all, and no policy, table or role', async () => {
    const worker = { role: 'startlist_worker' }
    for (const { name } of relations.filter(({ name, kind }) => kind === 'r' && !COMMON.includes(name))) {
      const rows = await askAs(database.db, worker, read(name))
      expect([name, rows === 'refused']).toEqual([name, false])
      if (name in TENANT_READS && name !== 'accounts')
        expect([name, about(rows)]).toEqual([name, ['alder', 'birch', 'cedar', 'dogwood']])
      const changed = await askAs(database.db, worker, (trx) =>
        sql.raw(`DELETE FROM ${name} WHERE false`).execute(trx),
      )
      expect([name, changed === 'refused']).toEqual([name, name === 'startlist.migrations'])
    }
    const forbidden = [
      'ALTER TABLE haku_participants DISABLE ROW LEVEL SECURITY',
      'DROP POLICY tenant ON haku_participants',
      'DROP TABLE haku_participants',
      'TRUNCATE sweep_seen',
      'CREATE ROLE somebody',
    ]
    for (const text of forbidden)
      expect([text, await askAs(database.db, worker, (trx) => sql.raw(text).execute(trx))]).toEqual([
        text,
        'refused',
      ])
  })

  it('a reader with grants of its own goes on reading every row, by table and by view', async () => {
    const { db } = database
    const reader = `reader_${process.pid}`
    await sql`CREATE ROLE ${sql.id(reader)}`.execute(db)
    try {
      for (const name of ['haku_participants', 'api_calls', 'unified_participants'])
        await sql`GRANT SELECT ON ${sql.raw(name)} TO ${sql.id(reader)}`.execute(db)
      for (const name of ['haku_participants', 'api_calls', 'unified_participants'])
        expect([name, about(await askAs(db, { role: reader }, read(name)))]).toEqual([
          name,
          ['alder', 'birch', 'cedar', 'dogwood'],
        ])
      // Who is let in as a tenant is one, even by inheritance.
      await sql`GRANT startlist_api TO ${sql.id(reader)}`.execute(db)
      expect(about(await askAs(db, { role: reader }, read('haku_participants')))).toEqual([])
    } finally {
      await sql`DROP OWNED BY ${sql.id(reader)}`.execute(db)
      await sql`DROP ROLE ${sql.id(reader)}`.execute(db)
    }
  })
})

describe('startlist_api', () => {
  it('has no privilege in any schema but those that are listed', async () => {
    const { rows } = await sql<{ what: string }>`
      WITH ours AS (SELECT oid, nspname FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
      relations AS (SELECT c.oid, c.relkind, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name
        FROM pg_class c JOIN ours n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
      SELECT p || ' ' || name AS what FROM relations,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
        WHERE relkind <> 'S' AND has_table_privilege('startlist_api', oid, p)
      UNION ALL SELECT p || ' ' || name || '.' || attname FROM relations
        JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p
        WHERE relkind <> 'S' AND has_column_privilege('startlist_api', oid, attnum, p)
          AND NOT has_table_privilege('startlist_api', oid, p)
      UNION ALL SELECT 'sequence ' || name FROM relations
        WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege('startlist_api', oid, 'USAGE, SELECT, UPDATE') END
      UNION ALL SELECT 'CREATE in ' || nspname FROM ours WHERE has_schema_privilege('startlist_api', oid, 'CREATE')
      UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
        WHERE has_function_privilege('startlist_api', p.oid, 'EXECUTE') AND p.prorettype <> 'trigger'::regtype
      UNION ALL SELECT 'CREATE in the database' WHERE has_database_privilege('startlist_api', current_database(), 'CREATE')
      UNION ALL SELECT 'member of ' || r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
        WHERE m.member = 'startlist_api'::regrole
      UNION ALL SELECT 'owns ' || c.relname FROM pg_class c WHERE c.relowner = 'startlist_api'::regrole
      UNION ALL SELECT 'attribute' FROM pg_roles WHERE rolname = 'startlist_api'
        AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication)
      ORDER BY 1`.execute(database.db)
    const listed = Object.entries(TENANT_READS).flatMap(([table, columns]) =>
      columns === 'all' ? [`SELECT ${table}`] : columns.map((column) => `SELECT ${table}.${column}`),
    )
    const functions = ['clock', 'is_tenant', 'tenant', 'tenant_accounts'].map(
      (name) => `function startlist.${name}()`,
    )
    expect(rows.map(({ what }) => what).sort()).toEqual([...listed, ...functions].sort())
  })

  it('finds a policy on every table it may read, and its own rights on every view', async () => {
    const { rows } = await sql<{ name: string; kind: string; guarded: boolean }>`
      SELECT t AS name, c.relkind AS kind, CASE c.relkind
        WHEN 'r' THEN c.relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
        ELSE 'security_invoker=true' = ANY (c.reloptions) END AS guarded
      FROM unnest(${Object.keys(TENANT_READS)}::text[]) AS t JOIN pg_class c ON c.oid = to_regclass(t)`.execute(
      database.db,
    )
    expect(rows).toHaveLength(Object.keys(TENANT_READS).length)
    expect(rows.filter(({ guarded }) => guarded !== true)).toEqual([])
  })
})
