import { type Kysely, sql } from 'kysely'
import type { Database } from '../schema.ts'
import { type Statement, statement } from '../steps/unit.ts'
import { targetNames } from './target.ts'

/** The views over all providers that the legacy scripts made. Startlist may drop them, and makes them again. */
export const knownViewNames: readonly string[] = ['unified_participants', 'unified_events', 'unified_results']

const KNOWN_VIEWS: ReadonlySet<string> = new Set(knownViewNames.map((name) => `public.${name}`))

export const isKnownView = (name: string): boolean => KNOWN_VIEWS.has(name)

/** What readers know of the views that startlist makes anew, in their order; ours come after. */
const READ_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'public.unified_participants': [
    'source_provider',
    'timing_partner_id',
    'event_id',
    'first_name',
    'last_name',
    'email',
    'gender',
    'bib_number',
    'city',
    'state',
    'age',
    'registration_date',
    'fetched_date',
  ],
  'public.unified_events': [
    'source_provider',
    'timing_partner_id',
    'event_id',
    'event_name',
    'event_date',
    'fetched_date',
  ],
}

/** Views that the first step makes anew, by its own definition. */
export const isMadeAnew = (name: string): boolean => name in READ_COLUMNS

/** Columns of a view that startlist's view of that name would not have. */
export function unknownColumns({ name, columns }: SavedView): string[] {
  return columns.filter((column) => !READ_COLUMNS[name]?.includes(column))
}

/** A view as it stands, with all that would be lost by dropping it. */
export interface SavedView {
  /** `schema.name` */
  name: string
  definition: string
  columns: readonly string[]
  /** It also looks at tables that are none of startlist's. */
  hasOthers: boolean
  owner: string
  /** As `CREATE VIEW ... WITH (...)` takes them. */
  options: readonly string[]
  comment: string | null
  grants: readonly Grant[]
}

interface Grant {
  /** Null for PUBLIC. */
  grantee: string | null
  privilege: string
  /** Null for the whole view. */
  column: string | null
  grantable: boolean
}

/** Reads the known views of legacy scripts that are there; those that look at others come after them. */
export async function readViews(db: Kysely<Database>): Promise<SavedView[]> {
  const { rows } = await sql<SavedView>`
    SELECT n.nspname || '.' || v.relname AS name, rtrim(pg_get_viewdef(v.oid), ';') AS definition,
      ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = v.oid AND attnum > 0 ORDER BY attnum) AS columns,
      EXISTS (SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid
        WHERE r.ev_class = v.oid AND t.oid <> v.oid AND t.relname <> ALL (${[...targetNames]}::text[])) AS "hasOthers",
      pg_get_userbyid(v.relowner)::text AS owner, coalesce(v.reloptions, '{}') AS options,
      obj_description(v.oid, 'pg_class') AS comment,
      (SELECT coalesce(jsonb_agg(g ORDER BY g.grantee, g.privilege, g.column), '[]') FROM (
        SELECT NULL::text AS column, x.* FROM aclexplode(v.relacl) a, LATERAL (SELECT
          CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END AS grantee,
          a.privilege_type AS privilege, a.is_grantable AS grantable) x
          WHERE a.grantee <> v.relowner
        UNION ALL
        SELECT c.attname::text, x.* FROM pg_attribute c, aclexplode(c.attacl) a, LATERAL (SELECT
          CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END AS grantee,
          a.privilege_type AS privilege, a.is_grantable AS grantable) x
          WHERE c.attrelid = v.oid AND c.attacl IS NOT NULL) g) AS grants
    FROM pg_class v JOIN pg_namespace n ON n.oid = v.relnamespace
    WHERE v.relkind = 'v' AND n.nspname || '.' || v.relname = ANY (${[...KNOWN_VIEWS]}::text[])
    ORDER BY v.oid`.execute(db)
  return rows
}

/** Drops views, those that look at others first. */
export function dropViews(views: readonly SavedView[]): Statement[] {
  return views.toReversed().map(({ name }) => statement(`DROP VIEW ${name}`))
}

/** Makes a view again as it was. */
export function makeAgain(view: SavedView): Statement[] {
  const options = view.options.length === 0 ? '' : ` WITH (${view.options.join(', ')})`
  return [
    statement(`CREATE VIEW ${view.name}${options} AS ${view.definition}`),
    statement(`ALTER VIEW ${view.name} OWNER TO ${identifier(view.owner)}`),
    ...furnish(view),
  ]
}

/** Gives a view that was made anew its comment and its grants. */
export function furnish({ name, comment, grants }: SavedView): Statement[] {
  const said = comment === null ? [] : [`COMMENT ON VIEW ${name} IS ${literal(comment)}`]
  const granted = grants.map(({ grantee, privilege, column, grantable }) => {
    const what = column === null ? privilege : `${privilege} (${identifier(column)})`
    const to = grantee === null ? 'PUBLIC' : identifier(grantee)
    return `GRANT ${what} ON ${name} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`
  })
  return [...said, ...granted].map((text) => statement(text))
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
