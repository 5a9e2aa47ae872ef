import { type PartOf, SHAPE } from '../adoption/shape.ts'
import { identifier, makeAgain, type SavedView } from '../adoption/views.ts'
import { TENANT_ROLE, WORKER_ROLE } from '../isolation/grants.ts'
import { SHADOW_SCHEMA } from '../shadow/tables.ts'
import { type Statement, statement } from '../steps/unit.ts'
import { type Difference, isOurRole, type TableDifference } from './difference.ts'
import { restoreRows, SEALED } from './rows.ts'

/** What of startlist's own goes at the end. */
export interface OwnThings {
  /** Tables in `public`, without those of then. */
  tables: readonly string[]
  /** Views, tables and functions of the schema `startlist`, as `DROP` names them. */
  views: readonly string[]
  schemaTables: readonly string[]
  functions: readonly string[]
  jobsSchema: string | null
}

/** Rows by table, as PostgreSQL estimates them. */
export type Estimates = (table: string) => number | null

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * All that takes an adoption back, in the order in which it is done: what depends on others goes before them, rows move
 * while no key holds them, and the keys of then come last.
 */
export function backwards(difference: Difference, own: OwnThings, rows: Estimates): Statement[] {
  const { was, tables } = difference
  const { revoked, granted } = rights(difference)
  const each = <T>(work: (one: TableDifference) => T[]): T[] => tables.flatMap(work)
  return [
    statement(GUARD),
    ...dropOwnViews(difference, own),
    ...revoked,
    ...each(({ table, triggers }) =>
      triggers.map(({ name }) => statement(`DROP TRIGGER ${identifier(name)} ON ${table}`)),
    ),
    ...each(({ table, policies }) =>
      policies.map(({ name }) => statement(`DROP POLICY ${identifier(name)} ON ${table}`)),
    ),
    ...each(openTable(difference)),
    ...dropConstraints(tables),
    ...each(({ indexes }) => indexes.gone.map(({ name }) => statement(`DROP INDEX ${identifier(name)}`))),
    ...each(letBeEmpty),
    ...each(({ table, triggers }) => quietly(difference, table, triggers, restoreRows(difference, table))),
    ...each(columns(difference, rows)),
    ...each(({ sequences }) => sequences.map(({ name }) => statement(`DROP SEQUENCE ${identifier(name)}`))),
    ...makeConstraints(tables, rows),
    ...each((one) => makeIndexes(one, rows)),
    ...was
      .all('view')
      .filter(({ name }) => difference.remade.includes(name) || !difference.now.find('view', name, name))
      .toSorted((a, b) => a.shape.nth - b.shape.nth)
      .flatMap((view) => makeAgain(savedView(difference, view.name))),
    ...granted,
    ...dropTables(own.tables),
    statement(prove(difference)),
    ...dropSchemas(own),
  ]
}

/** Also a script that was printed yesterday must not run into what it does not know. */
const GUARD = `DO $$ BEGIN
    IF to_regnamespace('${SHADOW_SCHEMA}') IS NOT NULL THEN
      RAISE EXCEPTION 'the database is shadowed: startlist shadow end or discard comes first';
    END IF;
    IF EXISTS (SELECT FROM partner_provider_credentials WHERE secret ~ ${SEALED}) THEN
      RAISE EXCEPTION 'secrets are sealed: startlist migrate --down opens them with the key, a script cannot';
    END IF;
  END $$`

function dropOwnViews({ remade }: Difference, { views }: OwnThings): Statement[] {
  const all = [...remade.map((name) => `public.${name}`), ...views]
  return all.length === 0 ? [] : [statement(`DROP VIEW ${all.join(', ')}`)]
}

const openTable =
  ({ was, now }: Difference) =>
  ({ table }: TableDifference): Statement[] => {
    const is = (shape: typeof was) => shape.find('table', table, table)?.shape.rowSecurity
    return is(was) === is(now)
      ? []
      : [statement(`ALTER TABLE ${table} ${is(was) ? 'ENABLE' : 'DISABLE'} ROW LEVEL SECURITY`)]
  }

/** Foreign keys before the keys that they point to. */
function dropConstraints(tables: readonly TableDifference[]): Statement[] {
  const gone = tables.flatMap(({ table, constraints }) => constraints.gone.map((one) => ({ table, one })))
  const isForeign = ({ one }: (typeof gone)[number]) => one.shape.type === 'f'
  return [...gone.filter(isForeign), ...gone.filter((one) => !isForeign(one))].map(({ table, one }) =>
    statement(`ALTER TABLE ${table} DROP CONSTRAINT ${identifier(one.name)}`),
  )
}

/** Triggers of others would take rows that come home for news. */
function quietly(
  { now }: Difference,
  table: string,
  gone: readonly PartOf<'trigger'>[],
  statements: readonly Statement[],
): Statement[] {
  const firing = now
    .all('trigger', table)
    .filter(({ name, shape }) => 'OA'.includes(shape.enabled) && gone.every((one) => one.name !== name))
  const alter = (how: (trigger: PartOf<'trigger'>) => string) =>
    firing.map((one) => statement(`ALTER TABLE ${table} ${how(one)} TRIGGER ${identifier(one.name)}`))
  if (statements.length === 0) return []
  return [
    ...alter(() => 'DISABLE'),
    ...statements,
    ...alter(({ shape }) => (shape.enabled === 'A' ? 'ENABLE ALWAYS' : 'ENABLE')),
  ]
}

/** A key makes its columns `NOT NULL`, and leaves them so when it goes. */
function letBeEmpty({ table, changed }: TableDifference): Statement[] {
  const parts = changed
    .filter(({ was, now }) => now.shape.notNull && !was.shape.notNull)
    .map(({ now }) => `ALTER COLUMN ${identifier(now.name)} DROP NOT NULL`)
  return parts.length === 0 ? [] : [statement(`ALTER TABLE ${table} ${parts.join(', ')}`)]
}

const columns =
  ({ names }: Difference, rows: Estimates) =>
  ({ table, added, changed }: TableDifference): Statement[] => {
    const alter = (parts: readonly string[], count: number | null = null) =>
      parts.length === 0 ? [] : [statement(`ALTER TABLE ${table}\n  ${parts.join(',\n  ')}`, count)]
    const types = changed
      .filter(({ was, now }) => was.shape.type !== now.shape.type)
      .map(({ was }) => `ALTER COLUMN ${identifier(was.name)} TYPE ${was.shape.type}`)
    const rest = changed.flatMap(({ was, now }) => {
      const column = `ALTER COLUMN ${identifier(was.name)}`
      const { default: value, notNull } = was.shape
      const isOther = value !== now.shape.default || was.shape.type !== now.shape.type
      const makes = value === null ? 'DROP DEFAULT' : `SET DEFAULT ${value}`
      return [
        ...(isOther && (value ?? now.shape.default) !== null ? [`${column} ${makes}`] : []),
        ...(notNull && !now.shape.notNull ? [`${column} SET NOT NULL`] : []),
      ]
    })
    return [
      ...alter(added.map((name) => `DROP COLUMN ${identifier(name)}`)),
      ...names
        .renamed(table)
        .map((name) => statement(`ALTER TABLE ${table} RENAME COLUMN ${name.now} TO ${name.was}`)),
      // PostgreSQL writes the table anew, once for all of them.
      ...alter(types, rows(table)),
      ...alter(rest),
    ]
  }

/** Keys before the foreign keys that point to them. */
function makeConstraints(tables: readonly TableDifference[], rows: Estimates): Statement[] {
  const again = tables.flatMap(({ table, constraints }) => constraints.again.map((one) => ({ table, one })))
  const isForeign = ({ one }: (typeof again)[number]) => one.shape.type === 'f'
  return [...again.filter((one) => !isForeign(one)), ...again.filter(isForeign)].flatMap(({ table, one }) => {
    const { definition, comment } = one.shape
    const name = identifier(one.name)
    return [
      statement(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`, rows(table)),
      ...(comment === null
        ? []
        : [statement(`COMMENT ON CONSTRAINT ${name} ON ${table} IS ${literal(comment)}`)]),
    ]
  })
}

const makeIndexes = ({ table, indexes }: TableDifference, rows: Estimates): Statement[] =>
  indexes.again.flatMap(({ name, shape: { definition, comment } }) => [
    statement(definition, rows(table)),
    ...(comment === null ? [] : [statement(`COMMENT ON INDEX ${identifier(name)} IS ${literal(comment)}`)]),
  ])

/** A view as it was, with the rights on it that there are now: somebody may have been given one since, or lost it. */
function savedView({ was, now }: Difference, name: string): SavedView {
  const { definition, columns: names, owner, options, comment } = was.find('view', name, name)!.shape
  const today = now.find('view', name, name)
  const owners = new Set([owner, today?.shape.owner])
  const grants = (today === undefined ? was : now)
    .all('grant', name)
    .map(({ shape }) => shape)
    .filter(({ grantee, column }) => !isOurRole(grantee) && (column === null || names.includes(column)))
    .filter(({ grantee }) => grantee === null || !owners.has(grantee))
  return {
    name: `public.${name}`,
    definition,
    columns: names,
    hasOthers: false,
    owner,
    options,
    comment,
    grants,
  }
}

/**
 * What the roles of isolation may do goes, and comes back as far as they had it then. Before any column goes: PostgreSQL keeps
 * the rights on a dropped one, and the role could never be dropped.
 */
function rights({ was, now }: Difference): { revoked: Statement[]; granted: Statement[] } {
  const ours = (shape: typeof was) =>
    shape.all('grant').filter(({ shape: { grantee } }) => isOurRole(grantee))
  const isSequence = (table: string) => was.all('sequence').some(({ name }) => name === table)
  const stays = (table: string) => table === 'SCHEMA public' || was.hasTable(table) || isSequence(table)
  const object = (table: string) => (isSequence(table) ? `SEQUENCE ${table}` : table)
  const roles = [TENANT_ROLE, WORKER_ROLE].filter((role) =>
    ours(now).some(({ shape: { grantee } }) => grantee === role),
  )
  const tables = [...new Set(ours(now).map(({ table }) => table))].filter(stays)
  const again = ours(was).map(({ table, shape: { grantee, privilege, column } }) => {
    const what = column === null ? privilege : `${privilege} (${identifier(column)})`
    return `GRANT ${what} ON ${object(table)} TO ${grantee}`
  })
  return {
    revoked: tables.map((table) => statement(`REVOKE ALL ON ${object(table)} FROM ${roles.join(', ')}`)),
    granted: again.map((text) => statement(text)),
  }
}

const dropTables = (tables: readonly string[]): Statement[] =>
  tables.length === 0 ? [] : [statement(`DROP TABLE ${tables.join(', ')}`)]

/** How the message begins with which the proof fails. */
export const DIFFERS = 'not as it was'

/** Casts between texts, and brackets: an expression that is read from PostgreSQL's own writing is written with others. */
const CASTS = String.raw`'::(character varying|text)(\(\d+\))?(\[\])?|[()[:space:]]'`

/** What of a part is compared. A view is made from the very text that was recorded, which may be written differently too. */
const parts = (from: string) =>
  `SELECT kind, "table", name, CASE WHEN kind = 'view' THEN shape - 'definition' - 'nth'
      WHEN kind = 'index' OR kind = 'constraint' AND shape->>'type' = 'c' THEN jsonb_set(shape, '{definition}',
        to_jsonb(regexp_replace(shape->>'definition', ${CASTS}, '', 'g')))
      ELSE shape END FROM ${from}`

/** Every part of then is there again, and none more, but for what others made: or all of it is undone. */
function prove({ others }: Difference): string {
  const left =
    others.size === 0
      ? 'false'
      : `concat_ws(' ', p.kind, p."table", p.name) IN (${[...others].sort().map(literal).join(', ')})`
  return `DO $$ DECLARE differs text; BEGIN
    SELECT string_agg(DISTINCT concat_ws(' ', p.kind, p."table", p.name), ', ') INTO differs FROM (
      (${parts('startlist.adopted_shape')} EXCEPT ${parts(`(${SHAPE}) AS now`)})
      UNION ALL (${parts(`(${SHAPE}) AS now`)} EXCEPT ${parts('startlist.adopted_shape')})) AS p
    WHERE p.kind <> 'relation' AND NOT (${left});
    IF differs IS NOT NULL THEN
      RAISE EXCEPTION '${DIFFERS}: %', differs;
    END IF;
  END $$`
}

/** Without CASCADE: whatever somebody has built on them stands in the way. */
function dropSchemas({ schemaTables, functions, jobsSchema }: OwnThings): Statement[] {
  return [
    ...dropTables(schemaTables),
    ...(functions.length === 0 ? [] : [statement(`DROP FUNCTION ${functions.join(', ')}`)]),
    statement('DROP SCHEMA startlist'),
    ...(jobsSchema === null ? [] : [statement(`DROP SCHEMA ${jobsSchema} CASCADE`)]),
  ]
}
