import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { Db, Trx } from '../database.ts'
import { eventTable } from '../event-tables/index.ts'
import { ofEachList } from '../participants/of-list.ts'

/** A list of one timing partner as a person sees it: an event, or a race of several. Instants in ms since the epoch. */
export interface EventOverview {
  provider: ProviderName
  partnerId: number
  partner: string
  eventId: string
  name: string
  /** How many events it is about. */
  events: number
  accountId: number | null
  startsAt: number | null
  /** `YYYY-MM-DD`, for a day without a time of day. */
  startDay: string | null
  endsAt: number | null
  endDay: string | null
  timezone: string | null
  /** Where the zone was learnt; `unknown` means that the start is assumed (T3). */
  timezoneSource: string
  overrideStart: string | null
  overrideTimezone: string | null
  bibAuthority: 'provider' | 'local'
  /** `startsAt` was read in New York because nobody knows its zone (T3). */
  assumed: boolean
  /** Cadence as text, the event's own or else the partner's; null for the default. */
  cadence: string | null
  cadenceSource: 'event' | 'partner' | 'default'
  status: string | null
  /** The provider does not list it any more (A4). */
  missing: boolean
  /** Null before the first pass. */
  state: 'current' | 'behind' | null
  stateReason: string | null
  polledAt: number | null
  sweptAt: number | null
  /** Last finished sweep: complete means proven (W8). */
  completeAt: number | null
  failures: number
  lastError: string | null
}

const ms = (column: string) => sql`(extract(epoch FROM ${sql.ref(column)}) * 1000)::float8`

/**
 * The columns of an overview, of an event or list `e` with its partner `t`, the partner's marks `p` and the account's `s`.
 * @param id the column that says which it is
 */
export const overviewOf = (id: 'event_id' | 'list_id') => sql`
  e.provider, e.timing_partner_id AS "partnerId", t.company_name AS partner, ${sql.ref(`e.${id}`)} AS "eventId",
  coalesce(e.name, ${sql.ref(`e.${id}`)}) AS name, e.account_id AS "accountId",
  ${ms('e.starts_at')} AS "startsAt", e.start_day::text AS "startDay",
  ${ms('e.ends_at')} AS "endsAt", e.end_day::text AS "endDay",
  e.timezone, coalesce(e.timezone_source, 'unknown') AS "timezoneSource",
  e.override_start AS "overrideStart", e.override_timezone AS "overrideTimezone",
  e.bib_authority AS "bibAuthority", e.starts_assumed AS assumed, coalesce(e.cadence, t.cadence) AS cadence,
  CASE WHEN e.cadence IS NOT NULL THEN 'event' WHEN t.cadence IS NOT NULL THEN 'partner' ELSE 'default' END
    AS "cadenceSource", e.status, e.missing,
  p.state, p.reason AS "stateReason", ${ms('s.polled_at')} AS "polledAt", ${ms('s.swept_at')} AS "sweptAt",
  ${ms('s.complete_at')} AS "completeAt", coalesce(s.failures, 0) AS failures, s.last_error AS "lastError"`

/**
 * Lists with the marks of their passes, soonest first, undated last.
 * @param only.eventId a list, or one of the events in it
 */
export async function listEvents(
  db: Db | Trx,
  only: { partnerId?: number; eventId?: string } = {},
): Promise<EventOverview[]> {
  const result = await sql<EventOverview>`
    SELECT ${overviewOf('list_id')}, e.events
    FROM startlist.lists e
    JOIN timing_partners t USING (timing_partner_id)
    LEFT JOIN partner_sync p
      ON p.provider = e.provider AND p.timing_partner_id = e.timing_partner_id AND p.event_id = e.list_id
    LEFT JOIN sync_state s ON s.account_id = e.account_id AND s.event_id = e.list_id
    WHERE (${only.partnerId ?? null}::int IS NULL OR e.timing_partner_id = ${only.partnerId ?? null})
      AND (${only.eventId ?? null}::text IS NULL OR e.list_id = ${only.eventId ?? null} OR EXISTS (
        SELECT FROM startlist.list_events m WHERE m.provider = e.provider AND m.list_id = e.list_id
          AND m.timing_partner_id = e.timing_partner_id AND m.event_id = ${only.eventId ?? null}))
    ORDER BY coalesce(e.starts_at, e.start_day::timestamptz) NULLS LAST, e.list_id, e.timing_partner_id`.execute(
    db,
  )
  return result.rows
}

/** How many registrations an event has for one timing partner, and how old its bibs are. */
export interface EventCounts {
  partnerId: number
  eventId: string
  /** Registrations that are not removed, cancelled ones included. */
  participants: number
  active: number
  /** Registrations whose detail, and so perhaps whose bib, has still to be read (F2). */
  pending: number
  /** Oldest detail: "bibs as of" (F3). */
  bibsAsOf: number | null
  /** People with an entry in the change feed of the last hour, each once. */
  changed: number
}

/** Counts the registrations of these lists; one line each, in their order. */
export async function countEvents(
  db: Db,
  events: readonly { provider: ProviderName; partnerId: number; eventId: string }[],
): Promise<EventCounts[]> {
  const keyOf = ({ partnerId, eventId }: { partnerId: number; eventId: string }) => `${partnerId}:${eventId}`
  const counts = new Map<ProviderName, Map<string, EventCounts>>()
  for (const [provider, lists] of Map.groupBy(events, (event) => event.provider)) {
    const counted = await countLists(db, provider, lists)
    counts.set(provider, new Map(counted.map((count) => [keyOf(count), count])))
  }
  return events.map((event) => counts.get(event.provider)!.get(keyOf(event))!)
}

async function countLists(
  db: Db,
  provider: ProviderName,
  lists: readonly { partnerId: number; eventId: string }[],
): Promise<EventCounts[]> {
  const result = await sql<EventCounts>`
    WITH k AS (SELECT DISTINCT partner_id, event_id
      FROM unnest(${lists.map((list) => list.partnerId)}::int[], ${lists.map((list) => list.eventId)}::text[])
        AS k (partner_id, event_id)),
    recent AS (
      SELECT timing_partner_id, event_id, count(DISTINCT participant_id)::int AS changed
      FROM participant_changes
      WHERE provider = ${provider} AND seen_at > startlist.clock() - interval '1 hour'
        AND (timing_partner_id, event_id) IN (SELECT partner_id, event_id FROM k)
      GROUP BY 1, 2)
    SELECT k.partner_id AS "partnerId", k.event_id AS "eventId", c.participants, c.active, c.pending,
      ${ms('c.bibs_as_of')} AS "bibsAsOf", coalesce(r.changed, 0) AS changed
    FROM k
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS participants,
        count(*) FILTER (WHERE registration_status = 'active')::int AS active,
        count(*) FILTER (WHERE list_fingerprint IS NOT NULL AND detail_of IS DISTINCT FROM list_fingerprint)::int
          AS pending,
        min(detail_read_at) AS bibs_as_of
      FROM startlist.list_participants p WHERE ${ofEachList(provider)} AND p.removed_at IS NULL
    ) AS c
    LEFT JOIN recent r ON r.timing_partner_id = k.partner_id AND r.event_id = k.event_id`.execute(db)
  return result.rows
}

/** What an event's place on the time line is worked out from (T2, T3). */
export interface EventSource {
  provider: ProviderName
  partnerId: number
  eventId: string
  /** The list that it is read in. */
  listId: string
  raw: JsonObject | null
  /** What the events of its list have in common, as the provider said it. */
  shared: JsonObject | null
  /** Wall-clock text of the legacy columns, for an adopted event without raw data. */
  startWall: string | null
  endWall: string | null
  overrideStart: string | null
  overrideTimezone: string | null
  organizationZone: string | null
  partnerZone: string | null
}

/**
 * Every partner's row of an event, or of all events of a list, locked until the transaction ends.
 * @param only.eventId a list, or one of the events in it
 */
export async function eventSources(
  trx: Trx,
  only: { eventId: string; partnerId?: number },
): Promise<EventSource[]> {
  // A union cannot be locked; its tables can, first.
  for (const { table, list } of [eventTable('haku'), eventTable('runsignup')]) {
    await sql`SELECT FROM ${sql.table(table)}
      WHERE event_id::text = ${only.eventId} OR ${sql.ref(list)}::text = ${only.eventId} FOR UPDATE`.execute(
      trx,
    )
  }
  const result = await sql<EventSource>`
    SELECT e.provider, e.timing_partner_id AS "partnerId", e.event_id AS "eventId", e.list_id AS "listId",
      e.raw_data AS raw, r.raw_data AS shared, e.start_wall AS "startWall", e.end_wall AS "endWall", e.override_start AS "overrideStart",
      e.override_timezone AS "overrideTimezone", t.timezone AS "partnerZone",
      (SELECT c.timezone FROM partner_provider_credentials c
        WHERE c.account_id = e.account_id AND c.timing_partner_id = e.timing_partner_id LIMIT 1) AS "organizationZone"
    FROM startlist.list_events e JOIN timing_partners t USING (timing_partner_id)
    LEFT JOIN runsignup_races r
      ON e.provider = 'runsignup' AND r.timing_partner_id = e.timing_partner_id AND r.race_id::text = e.list_id
    WHERE (e.event_id = ${only.eventId} OR e.list_id = ${only.eventId})
      AND (${only.partnerId ?? null}::int IS NULL OR e.timing_partner_id = ${only.partnerId ?? null})
    ORDER BY e.timing_partner_id, e.event_id`.execute(trx)
  return result.rows
}
