import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { BibAuthority } from '../../domain/bib.ts'
import type { PartnerEvent } from '../changes.ts'
import type { Db, Trx } from '../database.ts'
import { eventTable } from '../event-tables/index.ts'

/** One of the events in which people have bibs. */
export interface BibEvent {
  eventId: string
  name: string
  /** Bibs that belong to it, as text; null for any. */
  bibRanges: string | null
  /** `YYYY-MM-DD` in the event's zone; null without a date. */
  raceDay: string | null
}

/** Registrations of one timing partner that are read in one list, and what it decided of their bibs. */
export interface BibList {
  provider: ProviderName
  partnerId: number
  partner: string
  /** Null while no account feeds it. */
  accountId: number | null
  listId: string
  name: string
  bibAuthority: BibAuthority
  /** All of the list, or the one that was asked for. */
  events: BibEvent[]
}

/**
 * Every timing partner's list of an event, or of a race of several.
 * @param only.eventId a list, or one of the events in it; then that one alone is in `events`
 */
export async function bibLists(
  db: Db | Trx,
  only: { eventId: string; partnerId?: number | undefined; provider?: ProviderName | undefined },
): Promise<BibList[]> {
  const ranges = (['haku', 'runsignup'] as const).map(
    (provider) => sql`
      SELECT ${provider}::text AS provider, timing_partner_id, event_id::text AS event_id, bib_ranges
      FROM ${sql.table(eventTable(provider).table)}`,
  )
  const result = await sql<BibList>`
    SELECT e.provider, e.timing_partner_id AS "partnerId", min(t.company_name) AS partner,
      min(e.account_id) AS "accountId", e.list_id AS "listId", coalesce(min(e.list_name), e.list_id) AS name,
      min(e.bib_authority) AS "bibAuthority",
      jsonb_agg(jsonb_build_object('eventId', e.event_id, 'name', coalesce(e.event_name, e.event_id),
        'bibRanges', r.bib_ranges, 'raceDay', coalesce(e.start_day,
          (e.starts_at AT TIME ZONE coalesce(e.timezone, 'America/New_York'))::date)::text)
        ORDER BY e.starts_at, e.event_id) AS events
    FROM startlist.list_events e JOIN timing_partners t USING (timing_partner_id)
    JOIN (${sql.join(ranges, sql` UNION ALL `)}) r USING (provider, timing_partner_id, event_id)
    WHERE (e.event_id = ${only.eventId} OR e.list_id = ${only.eventId})
      AND (${only.partnerId ?? null}::int IS NULL OR e.timing_partner_id = ${only.partnerId ?? null})
      AND (${only.provider ?? null}::text IS NULL OR e.provider = ${only.provider ?? null})
    GROUP BY e.provider, e.timing_partner_id, e.list_id ORDER BY e.timing_partner_id, e.provider, e.list_id`.execute(
    db,
  )
  return result.rows
}

/** One timing partner's event; null where whoever reads sees none. */
export async function bibListOf(
  db: Db | Trx,
  key: { provider: ProviderName; partnerId: number; eventId: string },
): Promise<BibList | null> {
  // A race may have the number of an event of another race.
  for (const list of await bibLists(db, key)) {
    const events = list.events.filter(({ eventId }) => eventId === key.eventId)
    if (events.length > 0) return { ...list, events }
  }
  return null
}

/** Whose bib counts in a list. */
export async function bibAuthorityOf(
  trx: Trx,
  { provider, partnerId, eventId }: PartnerEvent,
): Promise<BibAuthority> {
  const result = await sql<{ authority: BibAuthority }>`
    SELECT min(bib_authority) AS authority FROM startlist.list_events
    WHERE provider = ${provider} AND timing_partner_id = ${partnerId} AND list_id = ${eventId}`.execute(trx)
  return result.rows[0]?.authority ?? 'provider'
}

/** Says which bibs belong to an event, as text; null for any. */
export async function setBibRanges(
  trx: Trx,
  at: { provider: ProviderName; partnerId: number; eventId: string },
  ranges: string | null,
): Promise<void> {
  const { table, eventType } = eventTable(at.provider)
  await sql`UPDATE ${sql.table(table)} SET bib_ranges = ${ranges}
    WHERE timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}::${sql.raw(eventType)}`.execute(
    trx,
  )
}
