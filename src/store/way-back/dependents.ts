import { type Kysely, sql } from 'kysely'
import type { Catalogue } from '../adoption/catalogue.ts'
import { targetNames } from '../adoption/target.ts'
import { isKnownView, knownViewNames } from '../adoption/views.ts'
import type { Database } from '../schema.ts'
import { JOBS_SCHEMA } from '../turns.ts'
import { changes, type Difference } from './difference.ts'
import type { InTheWay } from './in-the-way.ts'

/** What others built on that which goes or gets another type: startlist does not drop what it does not know. */
export async function othersInTheWay(
  db: Kysely<Database>,
  catalogue: Catalogue,
  difference: Difference,
  goes: readonly string[],
): Promise<InTheWay[]> {
  const texts = [
    ...onColumns(catalogue, difference),
    ...foreignKeys(catalogue, difference, goes),
    ...(await viewsOnOwn(db, goes)),
    ...(await usersOfFunctions(db, [...goes, ...targetNames])),
  ]
  return [...new Set(texts)].map((what) => ({ kind: 'others', table: null, what, count: 1, keys: [] }))
}

/** Views, triggers, policies and rules on columns that change, and views on the readers' views, which are made anew. */
function onColumns({ dependents }: Catalogue, { tables, remade }: Difference): string[] {
  const ours = new Set(
    tables.flatMap(({ table, triggers, policies }) => [
      ...triggers.map(({ name }) => `trigger ${name} on table ${table}`),
      ...policies.map(({ name }) => `policy ${name} on table ${table}`),
    ]),
  )
  return dependents
    .filter(({ kind, name }) => !(kind === 'view' && (isKnownView(name) || name.startsWith('startlist.'))))
    .filter(({ name }) => !ours.has(name))
    .filter((one) => remade.includes(one.table) || changes(tables, one))
    .map(
      ({ kind, name, table }) =>
        `${kind === 'view' ? `view ${name}` : name} looks at ${table}, ${
          remade.includes(table) ? 'which is made anew' : 'of which columns go or get another type'
        }`,
    )
}

/** Foreign keys of others to keys that go. */
function foreignKeys({ tables }: Catalogue, difference: Difference, goes: readonly string[]): string[] {
  const gone = difference.tables.flatMap(({ table, constraints }) =>
    constraints.gone
      .filter(({ shape: { type } }) => type === 'p' || type === 'u')
      .map(({ shape }) => `${table} ${[...shape.columns].sort().join()}`),
  )
  return [...tables.values()]
    .filter(({ name }) => !goes.includes(name))
    .flatMap(({ name: table, constraints }) =>
      constraints
        .filter(({ name }) => !difference.was.hasTable(table) || isNew(difference, table, name))
        .flatMap(({ name, target }) => {
          const isGone =
            target !== null &&
            (goes.includes(target.table) ||
              gone.includes(`${target.table} ${[...target.columns].sort().join()}`))
          return isGone
            ? [`foreign key ${name} of ${table} points to a key of ${target.table} that goes`]
            : []
        }),
    )
}

/** Neither of then, nor one of ours that goes before. */
function isNew({ was, tables }: Difference, table: string, name: string): boolean {
  const own = tables.find((one) => one.table === table)
  return (
    was.find('constraint', table, name) === undefined &&
    own?.constraints.gone.every((one) => one.name !== name) === true
  )
}

/** Views of others on startlist's own tables and views. */
async function viewsOnOwn(db: Kysely<Database>, goes: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ view: string; on: string }>`
    SELECT DISTINCT v.oid::regclass::text AS view, t.oid::regclass::text AS on
    FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
    JOIN pg_class t ON t.oid = d.refobjid
    WHERE v.relnamespace::regnamespace::text NOT IN ('startlist', ${JOBS_SCHEMA})
      AND NOT (v.relnamespace = 'public'::regnamespace AND v.relname = ANY (${[...knownViewNames]}::text[]))
      AND (t.relnamespace::regnamespace::text IN ('startlist', ${JOBS_SCHEMA})
        OR t.relnamespace = 'public'::regnamespace AND t.relname = ANY (${[...goes]}::text[]))
    ORDER BY 1, 2`.execute(db)
  return rows.map(({ view, on }) => `view ${view} looks at ${on}, which goes`)
}

/** Defaults, triggers, policies and checks of others' tables that call a function of startlist's. */
async function usersOfFunctions(db: Kysely<Database>, ours: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) || ' calls ' || p.oid::regprocedure || ', which goes' AS text
    FROM pg_proc p JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
    LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
    LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
    LEFT JOIN pg_policy o ON d.classid = 'pg_policy'::regclass AND o.oid = d.objid
    LEFT JOIN pg_constraint c ON d.classid = 'pg_constraint'::regclass AND c.oid = d.objid
    JOIN pg_class t ON t.oid = coalesce(f.adrelid, g.tgrelid, o.polrelid, c.conrelid)
    WHERE p.pronamespace = 'startlist'::regnamespace AND t.relnamespace <> 'startlist'::regnamespace
      AND NOT (t.relnamespace = 'public'::regnamespace AND t.relname = ANY (${[...ours]}::text[]))
    ORDER BY 1`.execute(db)
  return rows.map(({ text }) => text)
}
