import { type Kysely, sql } from 'kysely'
import type { Clock } from '../../domain/clock.ts'
import { sqlState } from '../database-error.ts'
import type { Database } from '../schema.ts'
import { SHADOW_SCHEMA, shadowedSince } from '../shadow/tables.ts'
import { PATIENCE, runUnit } from '../steps/run-unit.ts'
import { statement } from '../steps/unit.ts'
import { roles, shadowGrants, TENANT_READS, TENANT_ROLE } from './grants.ts'

/** What is granted is granted on the legacy tables, whatever stands before them. */
const inPublic = statement('SET LOCAL search_path = public')

/** insufficient_privilege */
const NO_RIGHT = '42501'

/**
 * Makes the roles of isolation and grants what they may do, all or nothing. A database role that may not make roles is
 * no error: everything but reading as a tenant works without, and `doctor` says what an administrator has to do.
 */
export async function admitRoles(db: Kysely<Database>, clock: Clock): Promise<void> {
  try {
    await runUnit(
      db,
      { ...roles, statements: [inPublic, ...roles.statements] },
      { clock, patience: PATIENCE },
    )
    if ((await shadowedSince(db)) !== null)
      for (const grant of shadowGrants(SHADOW_SCHEMA)) await sql.raw(grant).execute(db)
  } catch (error) {
    if (sqlState(error) !== NO_RIGHT) throw error
  }
}

/** What stands between a tenant and other partners' rows. */
export interface Isolation {
  /** the role exists, and this session may become it */
  admitted: boolean
  /** owner of startlist's tables */
  owner: string
  /** what would let a tenant see more than it must: in words, empty when nothing does */
  gaps: string[]
}

/** Looks at roles, policies and views as they are now. One query. */
export async function readIsolation(db: Kysely<Database>): Promise<Isolation> {
  const { rows } = await sql<Isolation>`
    WITH api AS (SELECT * FROM pg_roles WHERE rolname = ${TENANT_ROLE}),
    readable AS (
      SELECT c.* FROM pg_class c JOIN unnest(${Object.keys(TENANT_READS)}::text[]) AS t (name)
        ON c.oid = to_regclass(t.name))
    SELECT EXISTS (SELECT FROM api WHERE pg_has_role(oid, 'MEMBER')) AS admitted,
      (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'startlist.migrations'::regclass) AS owner,
      ARRAY(
        SELECT 'role ' || rolname || ' bypasses row-level security' FROM api WHERE rolsuper OR rolbypassrls
        UNION ALL SELECT 'table ' || relname || ' has no row-level security' FROM readable
          WHERE relkind = 'r' AND NOT relrowsecurity
        UNION ALL SELECT 'view ' || relname || ' reads with its owner''s rights' FROM readable
          WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
        ORDER BY 1) AS gaps`.execute(db)
  return rows[0]!
}
