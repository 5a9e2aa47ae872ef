import { type Kysely, sql } from 'kysely'
import { TENANT_ROLE, WORKER_ROLE } from '../isolation/grants.ts'
import type { Database } from '../schema.ts'
import { targetNames } from './target.ts'
import { knownViewNames } from './views.ts'

/**
 * One part of the legacy tables' shape: what can be read off PostgreSQL's catalogue and has a name of its own. Two
 * databases whose parts are equal are, to whoever works with these tables, the same.
 */
export type Part =
  | OfKind<'table', TableShape>
  | OfKind<'column', ColumnShape>
  | OfKind<'constraint', ConstraintShape>
  | OfKind<'index', IndexShape>
  | OfKind<'trigger', TriggerShape>
  | OfKind<'policy', object>
  | OfKind<'sequence', SequenceShape>
  | OfKind<'grant', GrantShape>
  | OfKind<'view', ViewShape>
  | OfKind<'relation', object>

interface OfKind<K extends string, T> {
  kind: K
  /** The table, view or sequence that it belongs to. */
  table: string
  name: string
  shape: T
}

export type PartOf<K extends Part['kind']> = Extract<Part, { kind: K }>

interface TableShape {
  owner: string
  rowSecurity: boolean
}

interface ColumnShape {
  /** Which column of its table it is, counted from 1. */
  nth: number
  type: string
  notNull: boolean
  default: string | null
}

interface ConstraintShape {
  type: 'p' | 'u' | 'f' | 'c' | 'x'
  definition: string
  columns: string[]
  target: string | null
  targetColumns: string[]
  /** What a foreign key does, and when it is looked at. */
  rules: string
  comment: string | null
}

interface IndexShape {
  definition: string
  /** Every column that it or its predicate names. */
  columns: string[]
  /** Keeps values of these columns apart: neither partial nor over expressions. */
  isKey: boolean
  comment: string | null
}

interface TriggerShape {
  definition: string
  /** When it fires: origin, always, replica or disabled. */
  enabled: 'O' | 'A' | 'R' | 'D'
  /** The schema of its function. */
  schema: string
}

interface SequenceShape {
  column: string
}

interface GrantShape {
  /** Null for PUBLIC. */
  grantee: string | null
  privilege: string
  column: string | null
  grantable: boolean
}

interface ViewShape {
  /** In which order the views were made. */
  nth: number
  definition: string
  columns: string[]
  owner: string
  options: string[]
  comment: string | null
}

const list = (names: readonly string[]) => `'{${names.join(',')}}'::text[]`

const columnNames = (relation: string, numbers: string) => `ARRAY(SELECT a.attname::text
      FROM unnest(${numbers}) WITH ORDINALITY k (attnum, nth) JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.attnum
      ORDER BY k.nth)`

const grants = (column: string) => `SELECT r.relname AS "table",
      concat_ws(':', coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'PUBLIC'), a.privilege_type, ${column}) AS name,
      jsonb_build_object('grantee', pg_get_userbyid(nullif(a.grantee, 0)), 'privilege', a.privilege_type,
        'column', ${column}, 'grantable', a.is_grantable) AS shape`

/**
 * The parts as a query, which a script for psql can hold as well. Of tables beside the legacy ones it has the names
 * alone. Names are told as a session sees them that looks in `public`.
 */
export const SHAPE = `WITH legacy AS (
    SELECT c.* FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname = ANY (${list(targetNames)})
  ), known_views AS (
    SELECT c.* FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
      AND c.relname = ANY (${list(knownViewNames)})
  ), sequences AS (
    SELECT s.*, l.relname AS owner_table, a.attname AS owner_column
    FROM pg_class s JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
      JOIN legacy l ON d.refclassid = 'pg_class'::regclass AND d.refobjid = l.oid
      JOIN pg_attribute a ON a.attrelid = l.oid AND a.attnum = d.refobjsubid
    WHERE s.relkind = 'S'
  ), granted AS (
    SELECT oid, relname, relacl, relowner, 'r'::"char" AS of FROM legacy
    UNION ALL SELECT oid, relname, relacl, relowner, 'r' FROM known_views
    UNION ALL SELECT oid, relname, relacl, relowner, 's' FROM sequences
  )
  SELECT 'table' AS kind, relname::text AS "table", relname::text AS name, jsonb_build_object(
      'owner', pg_get_userbyid(relowner), 'comment', obj_description(oid, 'pg_class'), 'options', reloptions,
      'rowSecurity', relrowsecurity, 'forced', relforcerowsecurity) AS shape
    FROM legacy
  UNION ALL SELECT 'column', l.relname, a.attname, jsonb_build_object(
      'nth', row_number() OVER (PARTITION BY l.oid ORDER BY a.attnum), 'type', format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity,
      'generated', a.attgenerated, 'collation', a.attcollation::regcollation, 'comment', col_description(l.oid, a.attnum))
    FROM legacy l JOIN pg_attribute a ON a.attrelid = l.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = l.oid AND d.adnum = a.attnum
  UNION ALL SELECT 'constraint', l.relname, c.conname, jsonb_build_object('type', c.contype,
      'definition', pg_get_constraintdef(c.oid), 'columns', ${columnNames('c.conrelid', 'c.conkey')},
      'target', f.relname, 'targetColumns', ${columnNames('c.confrelid', 'c.confkey')},
      'rules', concat_ws(' ', c.confdeltype, c.confupdtype, c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated),
      'comment', obj_description(c.oid, 'pg_constraint'))
    FROM legacy l JOIN pg_constraint c ON c.conrelid = l.oid LEFT JOIN pg_class f ON f.oid = c.confrelid
    WHERE c.contype IN ('p', 'u', 'f', 'c', 'x')
  UNION ALL SELECT 'index', l.relname, x.relname, jsonb_build_object('definition', pg_get_indexdef(x.oid),
      'columns', ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = l.oid
        AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid = x.oid AND d.refobjid = l.oid
        ORDER BY 1),
      'isKey', i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL, 'valid', i.indisvalid,
      'comment', obj_description(x.oid, 'pg_class'))
    FROM legacy l JOIN pg_index i ON i.indrelid = l.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid AND c.contype IN ('p', 'u', 'x'))
  UNION ALL SELECT 'trigger', l.relname, t.tgname, jsonb_build_object('definition', pg_get_triggerdef(t.oid),
      'enabled', t.tgenabled, 'schema', f.pronamespace::regnamespace)
    FROM legacy l JOIN pg_trigger t ON t.tgrelid = l.oid JOIN pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal
  UNION ALL SELECT 'policy', p.tablename, p.policyname, to_jsonb(p)
    FROM legacy l JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = l.relname
  UNION ALL SELECT 'sequence', s.owner_table, s.relname, jsonb_build_object('column', s.owner_column,
      'type', format_type(q.seqtypid, NULL), 'start', q.seqstart, 'by', q.seqincrement, 'least', q.seqmin,
      'most', q.seqmax, 'cache', q.seqcache, 'cycles', q.seqcycle)
    FROM sequences s JOIN pg_sequence q ON q.seqrelid = s.oid
  UNION ALL SELECT 'view', v.relname, v.relname, jsonb_build_object('nth', row_number() OVER (ORDER BY v.oid),
      'definition', rtrim(pg_get_viewdef(v.oid), ';'), 'columns', ARRAY(SELECT attname::text FROM pg_attribute
        WHERE attrelid = v.oid AND attnum > 0 ORDER BY attnum), 'owner', pg_get_userbyid(v.relowner),
      'options', to_jsonb(coalesce(v.reloptions, '{}')), 'comment', obj_description(v.oid, 'pg_class'))
    FROM known_views v
  UNION ALL SELECT 'grant', g."table", g.name, g.shape FROM (
    ${grants('NULL::text')}
      FROM granted r, aclexplode(coalesce(r.relacl, acldefault(r.of, r.relowner))) a
    UNION ALL ${grants('c.attname::text')}
      FROM granted r JOIN pg_attribute c ON c.attrelid = r.oid AND c.attacl IS NOT NULL AND NOT c.attisdropped, aclexplode(c.attacl) a
    UNION ALL SELECT 'SCHEMA public', pg_get_userbyid(a.grantee) || ':' || a.privilege_type,
      jsonb_build_object('grantee', pg_get_userbyid(a.grantee), 'privilege', a.privilege_type, 'column', NULL,
        'grantable', a.is_grantable)
      FROM pg_namespace n, aclexplode(n.nspacl) a
      WHERE n.nspname = 'public' AND pg_get_userbyid(a.grantee) IN ('${TENANT_ROLE}', '${WORKER_ROLE}')) g
  UNION ALL SELECT 'relation', c.relname, c.relname, '{}'
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`

/** The parts as they are now, seen from `public`. Catalogues alone. */
export async function readShape(db: Kysely<Database>): Promise<Part[]> {
  const { rows } = await sql<Part>`SELECT * FROM (${sql.raw(SHAPE)}) AS parts ORDER BY 1, 2, 3`.execute(db)
  return rows
}

/** The parts as adoption found them; none where it kept no record. */
export async function readAdoptedShape(db: Kysely<Database>): Promise<Part[]> {
  const { rows: found } = await sql<{ is: boolean }>`
    SELECT to_regclass('startlist.adopted_shape') IS NOT NULL AS is`.execute(db)
  if (found[0]?.is !== true) return []
  const { rows } = await sql<Part>`
    SELECT kind, "table", name, shape FROM startlist.adopted_shape ORDER BY 1, 2, 3`.execute(db)
  return rows
}
