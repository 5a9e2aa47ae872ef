import { sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import { StartlistError } from '../domain/errors.ts'
import type { Db, Trx } from './database.ts'
import { eventTable } from './event-tables/index.ts'
import { shadowedSince } from './shadow/tables.ts'

/** Timing partners, and what a person decides for their credentials and events. Instants in ms since the epoch. */

export interface Partner {
  partnerId: number
  name: string
  /** IANA zone in which the partner's events are read where nothing nearer is known (T2). */
  timezone: string | null
  /** Of events that have none of their own, as text; null for the default. */
  cadence: string | null
  /** Parts of a registration that are stored, as text; null for the default. */
  keptParts: string | null
  /** Days after an event's end for which its people are kept; 0 is for ever, null the default. */
  retentionDays: number | null
  credentials: number
  events: number
}

/** All timing partners by id, or those of one id or name. */
export async function listPartners(
  db: Db | Trx,
  only: { partnerId?: number; name?: string } = {},
): Promise<Partner[]> {
  const result = await sql<Partner>`
    SELECT t.timing_partner_id AS "partnerId", t.company_name AS name, t.timezone, t.cadence,
      t.kept_parts AS "keptParts", t.retention_days AS "retentionDays",
      (SELECT count(*) FROM partner_provider_credentials c WHERE c.timing_partner_id = t.timing_partner_id)::int
        AS credentials,
      (SELECT count(*) FROM startlist.list_events e WHERE e.timing_partner_id = t.timing_partner_id)::int AS events
    FROM timing_partners t
    WHERE (${only.partnerId ?? null}::int IS NULL OR t.timing_partner_id = ${only.partnerId ?? null})
      AND (${only.name ?? null}::text IS NULL OR lower(t.company_name) = lower(${only.name ?? null}))
    ORDER BY t.timing_partner_id`.execute(db)
  return result.rows
}

/**
 * Adds a timing partner, under an id of the caller's choice or the next free one.
 * @returns its id, or null when the id is taken
 * @throws StartlistError SHADOWED: what it owns points to a row of the legacy table, which is not written now
 */
export async function addPartner(
  db: Db | Trx,
  partner: { partnerId?: number; name: string; timezone: string | null },
): Promise<number | null> {
  const add = async (trx: Db | Trx) => {
    if ((await shadowedSince(trx)) !== null)
      throw new StartlistError('SHADOWED', 'A new timing partner is a row of the legacy tables.', {
        hint: 'Add it before the shadow begins, or after startlist shadow end (docs/cutover.md).',
      })
    const wanted = partner.partnerId ?? null
    const result = await sql<{ id: number }>`
      INSERT INTO timing_partners (timing_partner_id, company_name, timezone)
      VALUES (coalesce(${wanted}::int, nextval(pg_get_serial_sequence('timing_partners', 'timing_partner_id'))::int),
        ${partner.name}, ${partner.timezone})
      ON CONFLICT (timing_partner_id) DO NOTHING RETURNING timing_partner_id AS id`.execute(trx)
    const id = result.rows[0]?.id
    if (id === undefined) return null
    // A chosen id beyond the sequence would be given out again by it.
    await sql`
      SELECT setval(pg_get_serial_sequence('timing_partners', 'timing_partner_id'),
        greatest((SELECT max(timing_partner_id) FROM timing_partners), 1))`.execute(trx)
    return id
  }
  return db.isTransaction ? add(db) : db.transaction().execute(add)
}

/** False when there is no such partner. */
export async function setPartnerTimezone(
  db: Db | Trx,
  partnerId: number,
  timezone: string | null,
): Promise<boolean> {
  const result = await sql`
    UPDATE timing_partners SET timezone = ${timezone}, updated_at = startlist.clock() AT TIME ZONE 'UTC'
    WHERE timing_partner_id = ${partnerId}`.execute(db)
  return result.numAffectedRows === 1n
}

/** False when there is no such partner. @param cadence its text; null for the default */
export async function setPartnerCadence(
  db: Db | Trx,
  partnerId: number,
  cadence: string | null,
): Promise<boolean> {
  const result = await sql`
    UPDATE timing_partners SET cadence = ${cadence}, updated_at = startlist.clock() AT TIME ZONE 'UTC'
    WHERE timing_partner_id = ${partnerId}`.execute(db)
  return result.numAffectedRows === 1n
}

/** False when there is no such partner. @param kept its text; null for the default */
export async function setPartnerKeptParts(
  db: Db | Trx,
  partnerId: number,
  kept: string | null,
): Promise<boolean> {
  const result = await sql`
    UPDATE timing_partners SET kept_parts = ${kept}, updated_at = startlist.clock() AT TIME ZONE 'UTC'
    WHERE timing_partner_id = ${partnerId}`.execute(db)
  return result.numAffectedRows === 1n
}

/** False when there is no such partner. @param days 0 is for ever, null the default */
export async function setPartnerRetention(
  db: Db | Trx,
  partnerId: number,
  days: number | null,
): Promise<boolean> {
  const result = await sql`
    UPDATE timing_partners SET retention_days = ${days}, updated_at = startlist.clock() AT TIME ZONE 'UTC'
    WHERE timing_partner_id = ${partnerId}`.execute(db)
  return result.numAffectedRows === 1n
}

/** A person pauses a credential: no call is made with it, and its partner receives nothing through it. */
export async function pauseCredential(db: Db | Trx, credentialId: number, why: string): Promise<void> {
  await sql`
    UPDATE partner_provider_credentials SET state = 'Paused', state_reason = ${why}, state_since = startlist.clock()
    WHERE partner_provider_credential_id = ${credentialId} AND state <> 'Paused'`.execute(db)
}

/**
 * Ends a person's pause. Events of which a pass finished meanwhile, for the account's other holders, went on without
 * this partner: it is behind there (S2).
 * @returns false when it was not paused
 */
export async function resumeCredential(db: Db, credentialId: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const behind = await sql`
      UPDATE partner_sync s SET state = 'behind', reason = 'credential was paused', since = startlist.clock()
      FROM partner_provider_credentials c, sync_state e
      WHERE c.partner_provider_credential_id = ${credentialId} AND c.state = 'Paused'
        AND s.timing_partner_id = c.timing_partner_id AND s.account_id = c.account_id AND s.state = 'current'
        AND e.account_id = s.account_id AND e.event_id = s.event_id AND e.polled_at >= c.state_since`
    await behind.execute(trx)
    const result = await sql`
      UPDATE partner_provider_credentials SET state = CASE WHEN proven_at IS NULL THEN 'Untested' ELSE 'Ready' END,
        state_reason = NULL, state_since = startlist.clock()
      WHERE partner_provider_credential_id = ${credentialId} AND state = 'Paused'`.execute(trx)
    return result.numAffectedRows === 1n
  })
}

/**
 * Removes a credential; what it brought stays. Its partner is behind from now on, and an account without credentials
 * keeps no watermark (S2): a credential that comes back begins with a sweep.
 */
export async function removeCredential(db: Db, credentialId: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ accountId: number | null; partnerId: number }>`
      DELETE FROM partner_provider_credentials WHERE partner_provider_credential_id = ${credentialId}
      RETURNING account_id AS "accountId", timing_partner_id AS "partnerId"`.execute(trx)
    const gone = rows[0]
    if (gone === undefined || gone.accountId === null) return
    await sql`
      UPDATE partner_sync SET state = 'behind', reason = 'credential was removed', since = startlist.clock()
      WHERE account_id = ${gone.accountId} AND timing_partner_id = ${gone.partnerId}`.execute(trx)
    await sql`
      UPDATE accounts SET token = NULL, token_expires_at = NULL, token_credential_id = NULL
      WHERE account_id = ${gone.accountId} AND token_credential_id = ${credentialId}`.execute(trx)
    await sql`
      DELETE FROM sync_state WHERE account_id = ${gone.accountId}
        AND NOT EXISTS (SELECT FROM partner_provider_credentials c WHERE c.account_id = ${gone.accountId})`.execute(
      trx,
    )
  })
}

/** Start, end and zone of an event as they are to stand in its row. */
export interface EventPlace {
  startsAt: string | null
  /** `startsAt` was read in New York because nobody knows its zone (T3). */
  startsAssumed: boolean
  startDay: string | null
  startWall: string | null
  endsAt: string | null
  endDay: string | null
  endWall: string | null
  timezone: string | null
  timezoneSource: string
  /** What a person gave, as given; null where the provider's word holds. */
  overrideStart: string | null
  overrideTimezone: string | null
}

/** An event of one timing partner; where it is about a list, the list's id. */
interface DecidedOn {
  provider: ProviderName
  partnerId: number
  eventId: string
}

/** Puts an event of one timing partner where a person says it is (T3). */
export async function placeEvent(trx: Trx, at: DecidedOn, place: EventPlace): Promise<void> {
  const { table, eventType, wall, touched } = eventTable(at.provider)
  const touch = touched === null ? sql`` : sql`, ${sql.ref(touched)} = startlist.clock() AT TIME ZONE 'UTC'`
  await sql`
    UPDATE ${sql.table(table)} SET starts_at = ${place.startsAt}::timestamptz, starts_assumed = ${place.startsAssumed}, start_day = ${place.startDay}::date,
      ${sql.ref(wall.start)} = ${place.startWall}::timestamp, ends_at = ${place.endsAt}::timestamptz,
      end_day = ${place.endDay}::date, ${sql.ref(wall.end)} = ${place.endWall}::timestamp, timezone = ${place.timezone},
      timezone_source = ${place.timezoneSource}, override_start = ${place.overrideStart},
      override_timezone = ${place.overrideTimezone}${touch}
    WHERE timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}::${sql.raw(eventType)}`.execute(
    trx,
  )
}

/** Says whose bib is effective where the provider and the partner both have one, for a list (D3). */
export async function setBibAuthority(
  trx: Trx,
  at: DecidedOn,
  authority: 'provider' | 'local',
): Promise<void> {
  await decide(trx, at, 'bib_authority', authority)
}

/** How often a list is polled for one timing partner, as text; null leaves it to the partner's cadence. */
export async function setEventCadence(trx: Trx, at: DecidedOn, cadence: string | null): Promise<void> {
  await decide(trx, at, 'cadence', cadence)
}

async function decide(
  trx: Trx,
  at: DecidedOn,
  column: 'bib_authority' | 'cadence',
  value: string | null,
): Promise<void> {
  const { decisions, eventType } = eventTable(at.provider)
  await sql`UPDATE ${sql.table(decisions.table)} SET ${sql.ref(column)} = ${value}
    WHERE timing_partner_id = ${at.partnerId} AND ${sql.ref(decisions.key)} = ${at.eventId}::${sql.raw(eventType)}`.execute(
    trx,
  )
}
