import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db } from '../database.ts'

/** What the metrics show of the database: how fresh events are, what accounts spend, and what happened since. */

/** Events that are polled by one interval. */
export interface FreshnessTier {
  /** between two polls, as the cadence has it */
  everySeconds: number
  events: number
  /** of these, events whose next poll is overdue beyond what is allowed (P4) */
  late: number
  /** age of the oldest list: since its last finished pass began; null when none has finished one */
  oldestSeconds: number | null
}

/** One account's rolling hour, and what keeps it from calling. */
export interface AccountGauge {
  accountId: number
  provider: ProviderName
  used: number
  /** A lower limit that the provider has shown; null for none. */
  observedLimit: number | null
  /** Share of the limit that other programs on the same client id use (L5). */
  externalUse: number
  /** What a person set; null for what is configured. */
  quotaLimit: number | null
  reserve: number | null
  /** Why it makes no calls now; null when it may. */
  pause: string | null
}

/** How many credentials are in a state. */
export interface CredentialCount {
  state: string
  count: number
}

/** Calls that ended alike. */
export interface EndedCalls {
  class: string
  purpose: string
  /** `ok`, an HTTP status, or an error code. */
  result: string
  /** how long each took */
  ms: number[]
}

/** Registrations that changed alike. */
export interface ChangeCount {
  change: string
  count: number
}

/** From `after` (exclusive) to `until` (inclusive), ms since the epoch. */
export interface Span {
  after: number
  until: number
}

/** No call outlasts its longest timeout, so one that ended in a span was acquired at most this long before it. */
const LONGEST_CALL = sql`interval '15 minutes'`

const instant = (ms: number) => sql`to_timestamp(${ms}::float8 / 1000)`

/** The events that are polled, by interval, shortest first. */
export async function freshness(db: Db): Promise<FreshnessTier[]> {
  const { rows } = await sql<FreshnessTier>`
    SELECT (every_ms / 1000)::float8 AS "everySeconds", count(*)::int AS events,
      count(*) FILTER (WHERE due_at + greatest(every_ms * 0.1, 5000) * interval '1 ms' < startlist.clock())::int AS late,
      extract(epoch FROM startlist.clock() - min(began_at))::float8 AS "oldestSeconds"
    FROM sync_state WHERE due_at IS NOT NULL AND every_ms IS NOT NULL
    GROUP BY every_ms ORDER BY every_ms`.execute(db)
  return rows
}

/** How many credentials are in each state. */
export async function credentialStates(db: Db): Promise<CredentialCount[]> {
  const { rows } = await sql<CredentialCount>`
    SELECT state, count(*)::int AS count FROM partner_provider_credentials
    WHERE account_id IS NOT NULL GROUP BY state ORDER BY state`.execute(db)
  return rows
}

/** Every account with its calls of the rolling hour. */
export async function accountGauges(db: Db): Promise<AccountGauge[]> {
  const { rows } = await sql<AccountGauge>`
    SELECT a.account_id AS "accountId", a.provider, calls.used, a.observed_limit AS "observedLimit",
      a.external_use::float8 AS "externalUse", a.quota_limit AS "quotaLimit", a.reserve,
      CASE WHEN a.paused_until > startlist.clock() THEN coalesce(a.pause_reason, 'throttle') END AS pause
    FROM accounts a CROSS JOIN LATERAL (
      SELECT count(*)::int AS used FROM api_calls c
      WHERE c.account_id = a.account_id AND c.acquired_at > startlist.clock() - interval '3 hours'
        AND greatest(c.acquired_at, coalesce(c.ended_at, c.acquired_at + c.timeout_ms * interval '1 ms'))
          + interval '60 minutes' >= startlist.clock()
    ) AS calls
    ORDER BY a.account_id`.execute(db)
  return rows
}

/** The calls of all accounts that ended in a span. */
export async function callsEnded(db: Db, { after, until }: Span): Promise<EndedCalls[]> {
  const { rows } = await sql<EndedCalls>`
    SELECT c.class, c.purpose,
      coalesce(c.error_code, CASE WHEN c.status BETWEEN 200 AND 299 THEN 'ok' ELSE c.status::text END, 'unknown')
        AS result,
      array_agg(coalesce(c.ms, 0)) AS ms
    FROM accounts a CROSS JOIN LATERAL (
      SELECT * FROM api_calls
      WHERE account_id = a.account_id AND acquired_at > ${instant(after)} - ${LONGEST_CALL}
        AND ended_at > ${instant(after)} AND ended_at <= ${instant(until)}
    ) AS c
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(db)
  return rows
}

/** The entries that all change feeds got in a span. */
export async function changesSeen(db: Db, { after, until }: Span): Promise<ChangeCount[]> {
  const { rows } = await sql<ChangeCount>`
    SELECT change, count(*)::int AS count FROM participant_changes
    WHERE seen_at > ${instant(after)} AND seen_at <= ${instant(until)} GROUP BY change ORDER BY change`.execute(
    db,
  )
  return rows
}
