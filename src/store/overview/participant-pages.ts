import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db, Trx } from '../database.ts'
import { eventTable } from '../event-tables/index.ts'
import { ofList } from '../participants/of-list.ts'
import type { EventKey } from './event-lines.ts'
import type { ParticipantLine } from './participants.ts'

/** A registration with both bibs that it may start with. Instants as ISO text. */
export interface ParticipantRow extends ParticipantLine {
  providerBib: string | null
  localBib: string | null
  /** The registration that took its place, of one that was transferred or deferred. */
  successor: string | null
  removedAt: string | null
  detailReadAt: string | null
  sourceUpdatedAt: string | null
}

/** One timing partner's event, and the list that it is read in. */
export interface ListedAt {
  provider: ProviderName
  partnerId: number
  eventId: string
  listId: string
}

/** Which registrations of an event are wanted. */
export interface ParticipantFilter {
  /** Words of names, team, bib or registration number; each has to be there. */
  q?: string | undefined
  /** `removed` are those that are gone; without one, those that are not. */
  status?: string | undefined
  category?: string | undefined
  wave?: string | undefined
}

/** Words beyond these are not looked for. */
const MOST_WORDS = 6

/**
 * Registrations of an event by name.
 * @param after the registration number that the page before ended with: a cursor with a name in it would be personal
 */
export async function listParticipants(
  db: Db | Trx,
  at: ListedAt,
  only: ParticipantFilter & { after?: string | null; limit: number },
): Promise<ParticipantRow[]> {
  const isBehind = only.after
    ? sql`(${ORDER}) > (SELECT ${ORDER} FROM startlist.list_participants p WHERE ${isOf(at)} AND participant_id = ${only.after})`
    : sql`true`
  const result = await sql<ParticipantRow>`
    SELECT ${ROW} FROM startlist.list_participants p WHERE ${isOf(at)} AND ${isWanted(only)} AND ${isBehind}
    ORDER BY ${ORDER} LIMIT ${only.limit}`.execute(db)
  return result.rows
}

/** One registration of an event, gone or not; null when there is none. */
export async function readParticipant(
  db: Db | Trx,
  at: ListedAt,
  registration: string,
): Promise<ParticipantRow | null> {
  const result = await sql<ParticipantRow>`
    SELECT ${ROW} FROM startlist.list_participants p WHERE ${isOf(at)} AND participant_id = ${registration}`.execute(
    db,
  )
  return result.rows[0] ?? null
}

const ROW = sql`bib_number AS bib, provider_bib AS "providerBib", local_bib AS "localBib", first_name AS "firstName",
  last_name AS "lastName", gender, age, date_of_birth::text AS "dateOfBirth", category, wave, corral, team, email, phone,
  chip_number AS chip, participant_id AS registration, registration_status AS status, registered_at AS "registeredAt",
  successor, removed_at AS "removedAt", detail_read_at AS "detailReadAt", source_updated_at AS "sourceUpdatedAt",
  CASE WHEN list_fingerprint IS NOT NULL AND detail_of IS DISTINCT FROM list_fingerprint
    THEN 'pending' ELSE 'read' END AS details, timing_partner_id AS "partnerId"`

const ORDER = sql`lower(coalesce(last_name, '')), lower(coalesce(first_name, '')), participant_id`

const isOf = (at: ListedAt) => sql`${ofList(at)} AND p.event_id = ${at.eventId}`

function isWanted({ q, status, category, wave }: ParticipantFilter): RawBuilder<unknown> {
  const words = (q ?? '').split(/\s+/).filter((word) => word !== '')
  return sql.join(
    [
      status === undefined
        ? sql`removed_at IS NULL`
        : status === 'removed'
          ? sql`removed_at IS NOT NULL`
          : sql`registration_status = ${status}`,
      ...(category === undefined ? [] : [sql`category = ${category}`]),
      ...(wave === undefined ? [] : [sql`wave = ${wave}`]),
      ...words.slice(0, MOST_WORDS).map(hasWord),
    ],
    sql` AND `,
  )
}

/** A number is somebody's bib or registration, and nobody's name. */
function hasWord(word: string): RawBuilder<unknown> {
  if (/^\d+$/.test(word)) return sql`(bib_number = ${word} OR participant_id = ${word})`
  const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql`concat_ws(' ', first_name, last_name, team, bib_number, participant_id) ILIKE ${pattern}`
}

/**
 * What the registrations of an event's list have come to, without looking at them: it changes with the feed, with what the
 * rows are computed from, and when somebody was forgotten or the list was emptied. Empty for an event that is not there.
 * Asked as the owner: who was forgotten is nobody's to read.
 */
export async function listVersion(db: Db, { provider, partnerId, eventId }: EventKey): Promise<string> {
  const { table, list } = eventTable(provider)
  const result = await sql<{ version: string }>`
    SELECT concat_ws('|', p.feed_position, p.state, p.since, p.derived_from,
      (SELECT max(forgotten_at) FROM forgotten f WHERE f.provider = ${provider}),
      (SELECT max(emptied_at) FROM emptied_lists l WHERE l.provider = ${provider}
        AND l.timing_partner_id = ${partnerId} AND l.list_id = p.event_id)) AS version
    FROM ${sql.table(table)} e JOIN partner_sync p ON p.provider = ${provider}
      AND p.timing_partner_id = e.timing_partner_id AND p.event_id = ${sql.ref(`e.${list}`)}::text
    WHERE e.timing_partner_id = ${partnerId} AND e.event_id::text = ${eventId}`.execute(db)
  return result.rows[0]?.version ?? ''
}
