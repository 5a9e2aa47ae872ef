import { sql } from 'kysely'
import type { Db } from '../../../src/store/database.ts'

/** A database as somebody finds it who looks at nothing else: all that its catalogue says, and every row. */
export interface Whole {
  catalogue: string[]
  rows: Record<string, string[]>
}

const OTHERS = `NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`

/** Each a query for lines. They ask PostgreSQL by other ways than the way back does itself. */
const LINES: readonly string[] = [
  `SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname ${OTHERS} AND nspname !~ '^pg_'`,
  `SELECT format('%s %s.%s of %s rls=%s,%s options=%s comment=%s', relkind, relnamespace::regnamespace, relname,
     relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions, obj_description(oid, 'pg_class'))
   FROM pg_class WHERE relnamespace::regnamespace::text ${OTHERS} AND relkind <> 't'`,
  `SELECT format('column %s.%s.%s nth=%s %s(%s,%s,%s) null=%s default=%s generated=%s identity=%s collation=%s comment=%s',
     table_schema, table_name, column_name, row_number() OVER (PARTITION BY table_schema, table_name ORDER BY ordinal_position),
     data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default, is_generated,
     is_identity, collation_name, col_description((quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass, ordinal_position))
   FROM information_schema.columns WHERE table_schema ${OTHERS}`,
  `SELECT format('constraint %s on %s: %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'))
   FROM pg_constraint WHERE connamespace::regnamespace::text ${OTHERS}`,
  `SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname ${OTHERS}`,
  `SELECT format('index %s valid=%s ready=%s', indexrelid::regclass, indisvalid, indisready) FROM pg_index i
   JOIN pg_class c ON c.oid = i.indexrelid WHERE relnamespace::regnamespace::text ${OTHERS}`,
  `SELECT 'trigger ' || tgenabled::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal`,
  `SELECT 'policy ' || row_to_json(p)::text FROM pg_policies p`,
  `SELECT 'rule ' || definition FROM pg_rules WHERE schemaname ${OTHERS}`,
  `SELECT format('view %s.%s: %s', schemaname, viewname, definition) FROM pg_views WHERE schemaname ${OTHERS}`,
  `SELECT format('sequence %s.%s %s %s %s %s %s owned by %s', schemaname, sequencename, data_type, start_value, min_value,
     max_value, increment_by, (SELECT d.refobjid::regclass || '.' || a.attname FROM pg_depend d JOIN pg_attribute a
       ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.objid = (quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass AND d.deptype = 'a'))
   FROM pg_sequences WHERE schemaname ${OTHERS}`,
  `SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace::regnamespace::text ${OTHERS}`,
  `SELECT format('grant %s on %s to %s grantable=%s', a.privilege_type, c.oid::regclass, a.grantee::regrole, a.is_grantable)
   FROM pg_class c, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a
   WHERE relnamespace::regnamespace::text ${OTHERS} AND relkind IN ('r', 'v', 'S')`,
  `SELECT format('grant %s on %s.%s to %s', a.privilege_type, attrelid::regclass, attname, a.grantee::regrole)
   FROM pg_attribute t, aclexplode(attacl) a WHERE NOT attisdropped AND attrelid::regclass::text !~ '^(pg_|information_schema)'`,
  `SELECT format('grant %s on schema %s to %s', a.privilege_type, nspname, a.grantee::regrole)
   FROM pg_namespace, aclexplode(nspacl) a WHERE nspname ${OTHERS}`,
]

/** PostgreSQL writes a check on a varchar with other casts when it is made from what it wrote: a restored dump has them too. */
const CASTS = /::(character varying|text)(\(\d+\))?(\[\])?|[()\s]/g

/** Positions of sequences are not in it: one that lagged is not set back. */
export async function wholeOf(db: Db): Promise<Whole> {
  const catalogue: string[] = []
  for (const query of LINES) {
    const { rows: lines } = await sql
      .raw<{ line: string }>(`SELECT q.line FROM (${query}) AS q (line)`)
      .execute(db)
    catalogue.push(
      ...lines.map(({ line }) => line.replace(/ CHECK .*/, (check) => check.replaceAll(CASTS, ''))).sort(),
    )
  }
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    SELECT schemaname AS schema, tablename::text AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`.execute(db)
  const rows: Record<string, string[]> = {}
  for (const { schema, name } of tables) {
    const all = await sql<{ row: string }>`
      SELECT to_jsonb(t)::text AS row FROM ${sql.id(schema, name)} t`.execute(db)
    rows[`${schema}.${name}`] = all.rows.map(({ row }) => row).sort()
  }
  return { catalogue, rows }
}
