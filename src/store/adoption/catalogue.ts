import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'

/** What PostgreSQL knows of the tables in `public`: enough to say what adopting them takes. Reads catalogues alone. */
export interface Catalogue {
  tables: ReadonlyMap<string, CatalogueTable>
  /** Views and what else would stand in the way of a column's new type, by the table they look at. */
  dependents: readonly Dependent[]
}

export interface CatalogueTable {
  name: string
  /** Rows, as the planner of PostgreSQL estimates them. */
  estimate: number
  /** Whether this role may alter it. */
  owned: boolean
  columns: ReadonlyMap<string, CatalogueColumn>
  constraints: readonly Constraint[]
  indexes: readonly Index[]
}

export interface CatalogueColumn {
  /** As PostgreSQL writes it: `character varying(255)`. */
  type: string
  notNull: boolean
  /** Has a default, or is an identity. */
  filled: boolean
}

export interface Constraint {
  name: string
  kind: 'primary' | 'unique' | 'foreign' | 'check'
  columns: readonly string[]
  /** Of a foreign key: where it points. */
  target: { table: string; columns: readonly string[] } | null
  validated: boolean
}

export interface Index {
  name: string
  columns: readonly string[]
  unique: boolean
  /** Neither partial nor over expressions: `ON CONFLICT (columns)` finds it. */
  plain: boolean
  valid: boolean
}

/** Something that names a column of a table, or of a view. */
export interface Dependent {
  table: string
  column: string
  kind: 'view' | 'trigger' | 'policy' | 'rule'
  /** `schema.name` of a view; else a description. */
  name: string
}

/** Reads the catalogue of `public`. Four short queries, no lock that anybody could meet. */
export async function readCatalogue(db: Kysely<Database>): Promise<Catalogue> {
  const { rows } = await sql<{ name: string; estimate: number; owned: boolean }>`
    SELECT relname::text AS name, greatest(reltuples, 0)::float8 AS estimate,
      pg_has_role(relowner, 'USAGE') AS owned
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`.execute(db)
  const [columns, constraints, indexes] = [
    await readColumns(db),
    await readConstraints(db),
    await readIndexes(db),
  ]
  const tables = rows.map(
    (row): CatalogueTable => ({
      ...row,
      columns: new Map(columns.get(row.name)?.map(({ name, ...column }) => [name, column])),
      constraints: constraints.get(row.name) ?? [],
      indexes: indexes.get(row.name) ?? [],
    }),
  )
  return { tables: new Map(tables.map((table) => [table.name, table])), dependents: await readDependents(db) }
}

type OfTable<T> = T & { table_name: string }

function byTable<T extends object>(rows: readonly OfTable<T>[]): Map<string, T[]> {
  return new Map([...Map.groupBy(rows, (row) => row.table_name)])
}

async function readColumns(
  db: Kysely<Database>,
): Promise<Map<string, (CatalogueColumn & { name: string })[]>> {
  const { rows } = await sql<OfTable<CatalogueColumn & { name: string }>>`
    SELECT c.relname::text AS table_name, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
      a.attnotnull AS "notNull", a.atthasdef OR a.attidentity <> '' AS filled
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum`.execute(db)
  return byTable(rows)
}

/** Names of the columns with these numbers, in their order. */
const names = (relation: string, numbers: string) => sql`ARRAY(
  SELECT a.attname::text FROM unnest(${sql.ref(numbers)}) WITH ORDINALITY k (attnum, nth)
  JOIN pg_attribute a ON a.attrelid = ${sql.ref(relation)} AND a.attnum = k.attnum ORDER BY k.nth)`

async function readConstraints(db: Kysely<Database>): Promise<Map<string, Constraint[]>> {
  const { rows } = await sql<
    OfTable<Omit<Constraint, 'target'> & { target_table: string | null; target_columns: string[] }>
  >`
    SELECT t.relname::text AS table_name, c.conname::text AS name, c.convalidated AS validated,
      CASE c.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign' ELSE 'check' END AS kind,
      ${names('c.conrelid', 'c.conkey')} AS columns, f.relname::text AS target_table,
      ${names('c.confrelid', 'c.confkey')} AS target_columns
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid
    WHERE c.contype IN ('p', 'u', 'f', 'c') AND (t.relnamespace = 'public'::regnamespace OR f.relnamespace = 'public'::regnamespace)
    ORDER BY c.conname`.execute(db)
  return byTable(
    rows.map(({ target_table, target_columns, ...row }) => ({
      ...row,
      target: target_table === null ? null : { table: target_table, columns: target_columns },
    })),
  )
}

async function readIndexes(db: Kysely<Database>): Promise<Map<string, Index[]>> {
  const { rows } = await sql<OfTable<Index>>`
    SELECT t.relname::text AS table_name, x.relname::text AS name, i.indisunique AS unique, i.indisvalid AS valid,
      i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate AS plain,
      ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, false) FROM generate_series(1, i.indnkeyatts) n) AS columns
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE t.relnamespace = 'public'::regnamespace ORDER BY x.relname`.execute(db)
  return byTable(rows)
}

/** Whatever names a column of a table from outside: PostgreSQL refuses to change the column's type under it. */
async function readDependents(db: Kysely<Database>): Promise<Dependent[]> {
  const { rows } = await sql<Dependent>`
    SELECT DISTINCT t.relname::text AS table, a.attname::text AS column,
      CASE WHEN v.oid IS NOT NULL THEN 'view' WHEN r.oid IS NOT NULL THEN 'rule' WHEN g.oid IS NOT NULL THEN 'trigger'
        ELSE 'policy' END AS kind,
      coalesce(vn.nspname || '.' || v.relname, pg_describe_object(d.classid, d.objid, 0)) AS name
    FROM pg_depend d
    JOIN pg_class t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
      AND t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p', 'v')
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    LEFT JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
    LEFT JOIN pg_namespace vn ON vn.oid = v.relnamespace
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
    LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
    WHERE d.refobjsubid > 0 AND r.ev_class IS DISTINCT FROM t.oid AND (r.oid IS NOT NULL OR g.oid IS NOT NULL OR p.oid IS NOT NULL)
    ORDER BY 1, 2, 3, 4`.execute(db)
  return rows
}
