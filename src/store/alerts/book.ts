import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The alerts that are open, and when each rule was last looked at. Instants in ms since the epoch. */

/** An alert that is open. */
export interface OpenAlert {
  key: string
  rule: string
  message: string
  hint: string
  since: number
  /** when its rule last called for it */
  seenAt: number
  /** when people were last told */
  toldAt: number
}

/** How long those that are over are kept for `alerts list --all`, and how many go at a time. */
const KEPT = sql`interval '30 days'`
const BATCH = 1_000

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`
const instant = (at: number) => new Date(at).toISOString()

const COLUMNS = sql`alert_key AS key, rule, message, hint, ${ms('since')} AS since, ${ms('seen_at')} AS "seenAt",
  ${ms('told_at')} AS "toldAt"`

/**
 * Takes the rules that are due: of several processes that ask at once, each gets those that no other has.
 * @param rules.every ms
 * @param options.now all of them, whoever looked last
 * @returns their names
 */
export async function claimRules(
  db: Db,
  rules: readonly { name: string; every: number }[],
  { now }: { now: boolean },
): Promise<string[]> {
  const result = await sql<{ rule: string }>`
    INSERT INTO alert_rules AS known (rule, looked_at)
    SELECT asked.rule, startlist.clock()
    FROM unnest(${rules.map(({ name }) => name)}::text[], ${rules.map(({ every }) => every)}::float8[]) AS asked (rule, every)
    WHERE ${now} OR NOT EXISTS (SELECT FROM alert_rules r
      WHERE r.rule = asked.rule AND r.looked_at > startlist.clock() - asked.every * interval '1 ms')
    ORDER BY asked.rule
    ON CONFLICT (rule) DO UPDATE SET looked_at = excluded.looked_at
      WHERE ${now} OR known.looked_at < excluded.looked_at - interval '1 s'
    RETURNING rule`.execute(db)
  return result.rows.map(({ rule }) => rule)
}

/** The open alerts of these rules. Until the transaction ends, nobody else stores alerts of them. */
export async function lockOpenAlerts(trx: Trx, rules: readonly string[]): Promise<OpenAlert[]> {
  await sql`SELECT FROM alert_rules WHERE rule = ANY (${rules}::text[]) ORDER BY rule FOR UPDATE`.execute(trx)
  const result = await sql<OpenAlert>`
    SELECT ${COLUMNS} FROM alerts WHERE resolved_at IS NULL AND rule = ANY (${rules}::text[])`.execute(trx)
  return result.rows
}

/** Stores what a look changed, and forgets what has long been over. */
export async function storeAlerts(
  trx: Trx,
  { open, resolved }: { open: readonly OpenAlert[]; resolved: readonly string[] },
): Promise<void> {
  const column = <T>(of: (alert: OpenAlert) => T) => open.map(of)
  await sql`
    INSERT INTO alerts (alert_key, rule, message, hint, since, seen_at, told_at)
    SELECT * FROM unnest(${column(({ key }) => key)}::text[], ${column(({ rule }) => rule)}::text[],
      ${column(({ message }) => message)}::text[], ${column(({ hint }) => hint)}::text[],
      ${column(({ since }) => instant(since))}::timestamptz[], ${column(({ seenAt }) => instant(seenAt))}::timestamptz[],
      ${column(({ toldAt }) => instant(toldAt))}::timestamptz[])
    ON CONFLICT (alert_key) DO UPDATE SET rule = excluded.rule, message = excluded.message, hint = excluded.hint,
      since = excluded.since, seen_at = excluded.seen_at, told_at = excluded.told_at, resolved_at = NULL`.execute(
    trx,
  )
  await sql`UPDATE alerts SET resolved_at = startlist.clock() WHERE alert_key = ANY (${resolved}::text[])`.execute(
    trx,
  )
  await sql`DELETE FROM alerts WHERE alert_key IN (
    SELECT alert_key FROM alerts WHERE resolved_at < startlist.clock() - ${KEPT} LIMIT ${BATCH})`.execute(trx)
}

/** What is open, oldest first; with `all` also what is over, the last hundred, newest first. */
export async function listAlerts(
  db: Db,
  { all = false }: { all?: boolean } = {},
): Promise<(OpenAlert & { resolvedAt: number | null })[]> {
  const result = await sql<OpenAlert & { resolvedAt: number | null }>`
    (SELECT ${COLUMNS}, NULL::float8 AS "resolvedAt" FROM alerts WHERE resolved_at IS NULL ORDER BY alerts.since)
    UNION ALL
    (SELECT ${COLUMNS}, ${ms('resolved_at')} FROM alerts WHERE resolved_at IS NOT NULL AND ${all}
      ORDER BY resolved_at DESC LIMIT 100)`.execute(db)
  return result.rows
}

/** How many are open, by rule; rules without one are left out. */
export async function openAlertCounts(db: Db): Promise<{ rule: string; count: number }[]> {
  const result = await sql<{ rule: string; count: number }>`
    SELECT rule, count(*)::int AS count FROM alerts WHERE resolved_at IS NULL GROUP BY rule ORDER BY rule`.execute(
    db,
  )
  return result.rows
}
