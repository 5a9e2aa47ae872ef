import { sql } from 'kysely'
import { SEARCH_PATH, type Trx } from '../database.ts'
import { SHADOW_SCHEMA, SHADOWED } from './tables.ts'

/** Which tables names mean until the transaction ends: the shadow's where it has a copy, or the legacy ones. */
export const lookIn = (trx: Trx, where: 'shadow' | 'legacy') =>
  sql`SELECT set_config('search_path', ${where === 'shadow' ? SEARCH_PATH : 'public'}, true)`.execute(trx)

/**
 * Makes startlist's own views and functions read the shadow's tables, or the legacy ones again. PostgreSQL binds a view
 * to tables when it is made; its printed definition names those that the session sees without their schema.
 */
export async function bindViews(trx: Trx, to: 'shadow' | 'legacy'): Promise<void> {
  const tables = SHADOWED.map(({ table }) => `${to === 'shadow' ? 'public' : SHADOW_SCHEMA}.${table}`)
  await lookIn(trx, to === 'shadow' ? 'legacy' : 'shadow')
  const { rows: views } = await sql<{ name: string; definition: string; invoker: boolean }>`
    SELECT c.oid::regclass::text AS name, pg_get_viewdef(c.oid) AS definition,
      coalesce('security_invoker=true' = ANY (c.reloptions), false) AS invoker
    FROM pg_class c
    WHERE c.relkind = 'v' AND c.relnamespace = 'startlist'::regnamespace AND EXISTS (
      SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
      WHERE w.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = ANY (${tables}::text[]::regclass[]))
    ORDER BY c.oid`.execute(trx)
  await lookIn(trx, to)
  for (const { name, definition, invoker } of views) {
    const options = invoker ? 'WITH (security_invoker = true)' : ''
    await sql.raw(`CREATE OR REPLACE VIEW ${name} ${options} AS ${definition}`).execute(trx)
  }
  await bindTenantAccounts(trx, to)
  await lookIn(trx, 'shadow')
}

/** It sees no schema but PostgreSQL's, so it names the table's. */
async function bindTenantAccounts(trx: Trx, to: 'shadow' | 'legacy'): Promise<void> {
  const [from, into] =
    to === 'shadow' ? (['public', SHADOW_SCHEMA] as const) : ([SHADOW_SCHEMA, 'public'] as const)
  const { rows } = await sql<{ definition: string }>`
    SELECT pg_get_functiondef('startlist.tenant_accounts()'::regprocedure) AS definition`.execute(trx)
  const name = '.partner_provider_credentials'
  await sql.raw(rows[0]!.definition.replaceAll(`${from}${name}`, `${into}${name}`)).execute(trx)
}

/** startlist's triggers of a legacy table on its copy: plans become stale, and other spellings stay equal. */
export async function copyTriggers(trx: Trx, table: string): Promise<void> {
  await lookIn(trx, 'legacy')
  const { rows } = await sql<{ definition: string }>`
    SELECT pg_get_triggerdef(t.oid, true) AS definition
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = ${`public.${table}`}::regclass AND NOT t.tgisinternal
      AND p.pronamespace = 'startlist'::regnamespace ORDER BY t.tgname`.execute(trx)
  await lookIn(trx, 'shadow')
  for (const { definition } of rows) await sql.raw(definition).execute(trx)
}
