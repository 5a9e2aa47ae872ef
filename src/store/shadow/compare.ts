import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db } from '../database.ts'
import { eventTable } from '../event-tables/index.ts'
import { inEvents, type ParticipantTable, participantTable } from '../participants/table.ts'
import { SHADOW_SCHEMA } from './tables.ts'

/** What readers of the legacy tables see: columns that the older system wrote as well, by table. */
const READ = {
  haku_participants: [
    ...['bib_number', 'first_name', 'last_name', 'email', 'phone', 'date_of_birth', 'gender', 'nationality'],
    ...['emergency_contact', 'team_affiliation', 'category', 'payment_status', 'amount_paid'],
  ],
  runsignup_participants: [
    ...[
      'bib_num',
      'chip_num',
      'first_name',
      'middle_name',
      'last_name',
      'email',
      'phone',
      'dob',
      'gender',
      'age',
    ],
    'address',
  ],
  haku_events: ['event_name', 'start_date', 'end_date', 'location', 'distance', 'status'],
  runsignup_events: ['name', 'start_time', 'end_time', 'distance'],
} as const satisfies Record<string, readonly string[]>

/** Values of columns as text; an empty text is null. */
export type Values = Record<string, string | null>

/** A registration, or an event, that the two have not alike. */
export interface Difference {
  /** registration number; null for the event itself */
  key: string | null
  /** as startlist has it, the columns that differ; null where it has no row, or one that was removed */
  here: Values | null
  /** as the legacy table has it; null where it has no row */
  there: Values | null
  facts: Facts
}

/** What may explain a difference. */
export interface Facts {
  /** `active`, `cancelled`, ...; null where startlist has no row */
  status: string | null
  /** a pass of startlist has met it */
  isMet: boolean
  isRemoved: boolean
  /** the side that lacks it here has it in another event of the race */
  isElsewhere: boolean
  chip: string | null
  /** names of all categories */
  categories: string[]
  /** the provider changed it, or it registered, after the legacy row or the whole list there was fetched */
  isNewer: boolean
}

/** An event that startlist has read to the end, with how many registrations each side has. */
export interface ComparedEvent {
  provider: ProviderName
  partnerId: number
  eventId: string
  name: string | null
  here: number
  there: number
}

const PROVIDERS: readonly ProviderName[] = ['haku', 'runsignup']
const shadowOf = (table: string) => sql.id(SHADOW_SCHEMA, table)
const legacyOf = (table: string) => sql.id('public', table)

/** Events whose lists a finished sweep has proven, by partner. @param eventId an event's id, or its list's */
export async function comparedEvents(db: Db, eventId?: string): Promise<ComparedEvent[]> {
  const all: ComparedEvent[] = []
  for (const provider of PROVIDERS) {
    const { table, content } = participantTable(provider)
    const type = sql.raw(content.event_id?.type ?? 'text')
    const rowsOf = (source: RawBuilder<unknown>, where: string) => sql`
      SELECT count(*)::int FROM ${source} p WHERE p.timing_partner_id = e.timing_partner_id
        AND p.event_id = e.event_id::${type} AND ${sql.raw(where)}`
    const { rows } = await sql<ComparedEvent>`
      SELECT ${provider}::text AS provider, e.timing_partner_id AS "partnerId", e.event_id AS "eventId",
        e.event_name AS name, (${rowsOf(shadowOf(table), 'p.removed_at IS NULL')}) AS here,
        (${rowsOf(legacyOf(table), 'true')}) AS there
      FROM startlist.list_events e
      JOIN partner_sync s ON s.provider = e.provider AND s.timing_partner_id = e.timing_partner_id
        AND s.event_id = e.list_id AND s.state = 'current'
      JOIN sync_state t ON t.account_id = s.account_id AND t.event_id = s.event_id AND t.complete_at IS NOT NULL
      WHERE e.provider = ${provider}
        AND (${eventId ?? null}::text IS NULL OR ${eventId ?? null} IN (e.event_id, e.list_id))
      ORDER BY 2, 3`.execute(db)
    all.push(...rows)
  }
  return all
}

/** `column` of a row as text: NULL and an empty text are the same to a reader. */
const textOf = (alias: string, column: string) => sql`nullif(${sql.ref(`${alias}.${column}`)}::text, '')`

const valuesOf = (alias: string, columns: readonly string[]) =>
  sql`jsonb_build_object(${sql.join(
    columns.flatMap((column) => [sql`${sql.lit(column)}::text`, textOf(alias, column)]),
  )})`

const differ = (columns: readonly string[]) => sql`(${sql.join(columns.map((name) => textOf('s', name)))})
  IS DISTINCT FROM (${sql.join(columns.map((name) => textOf('l', name)))})`

/**
 * Registrations of an event that differ, in the order of their numbers, a batch after `after` ('' from the first).
 * A row that only the legacy table has and that has no number is not among them.
 */
export async function differingRegistrations(
  db: Db,
  { provider, partnerId, eventId }: Pick<ComparedEvent, 'provider' | 'partnerId' | 'eventId'>,
  after: string,
  limit: number,
): Promise<Difference[]> {
  const shape = participantTable(provider)
  const columns = READ[shape.table]
  const key = sql.ref(shape.key)
  const side = (source: RawBuilder<unknown>) =>
    sql`(SELECT p.*, p.${key}::text AS number FROM ${source} p
      WHERE p.timing_partner_id = ${partnerId} AND ${ofEvent(shape, eventId)} AND p.${key} IS NOT NULL)`
  const { rows } = await sql<Difference>`
    SELECT coalesce(s.number, l.number) AS key,
      CASE WHEN s.removed_at IS NULL AND s.mapping_version IS NOT NULL THEN ${valuesOf('s', columns)} END AS here,
      CASE WHEN l.number IS NOT NULL THEN ${valuesOf('l', columns)} END AS there,
      jsonb_build_object('status', s.registration_status, 'isMet', s.mapping_version IS NOT NULL,
        'isRemoved', s.removed_at IS NOT NULL, 'isElsewhere', ${isElsewhere(shape, eventId)}, 'chip', s.chip_number,
        'categories', coalesce(jsonb_path_query_array(s.categories, '$[*].name'), '[]'),
        'isNewer', coalesce(coalesce(s.source_updated_at, s.registered_at) AT TIME ZONE 'UTC'
          > coalesce(l.fetched_date, f.fetched), false)) AS facts
    FROM ${side(shadowOf(shape.table))} s
    FULL JOIN ${side(legacyOf(shape.table))} l ON l.number = s.number
    CROSS JOIN (SELECT max(p.fetched_date) AS fetched FROM ${legacyOf(shape.table)} p
      WHERE p.timing_partner_id = ${partnerId} AND ${ofEvent(shape, eventId)}) f
    WHERE coalesce(s.number, l.number) > ${after}
      AND NOT (l.number IS NULL AND (s.removed_at IS NOT NULL OR s.mapping_version IS NULL))
      AND (l.number IS NULL OR s.number IS NULL OR s.removed_at IS NOT NULL OR s.mapping_version IS NULL
        OR s.registration_status <> 'active' OR ${differ(columns)})
    ORDER BY 1 LIMIT ${limit}`.execute(db)
  return rows
}

const ofEvent = (shape: ParticipantTable, eventId: string) =>
  shape.content.event_id === null ? sql`p.event_id = ${eventId}` : inEvents(shape, [eventId])

/** Whether the side that has no row of the event has one of the same registration in another event of its list. */
function isElsewhere({ table, content, list, key }: ParticipantTable, eventId: string): RawBuilder<unknown> {
  if (content.event_id === null) return sql`false`
  const has = (source: RawBuilder<unknown>, known: 's' | 'l') => sql`EXISTS (SELECT FROM ${source} o
    WHERE o.timing_partner_id = ${sql.ref(`${known}.timing_partner_id`)} AND o.${sql.ref(list)} = ${sql.ref(`${known}.${list}`)}
      AND o.${sql.ref(key)} = ${sql.ref(`${known}.${key}`)} AND o.event_id::text <> ${eventId} AND o.removed_at IS NULL)`
  return sql`CASE WHEN s.number IS NULL THEN ${has(shadowOf(table), 'l')} WHEN l.number IS NULL THEN ${has(legacyOf(table), 's')} ELSE false END`
}

/** How the event's own row differs; null where it does not. */
export async function differingEvent(
  db: Db,
  { provider, partnerId, eventId }: Pick<ComparedEvent, 'provider' | 'partnerId' | 'eventId'>,
): Promise<Difference | null> {
  const { table, eventType } = eventTable(provider)
  const columns = READ[table]
  const { rows } = await sql<Difference>`
    SELECT NULL AS key, ${valuesOf('s', columns)} AS here,
      CASE WHEN l.event_id IS NOT NULL THEN ${valuesOf('l', columns)} END AS there,
      jsonb_build_object('status', s.status, 'isMet', true, 'isRemoved', s.missing_since IS NOT NULL, 'isElsewhere', false,
        'chip', NULL, 'categories', '[]'::jsonb, 'isNewer', false) AS facts
    FROM ${shadowOf(table)} s
    LEFT JOIN ${legacyOf(table)} l ON l.timing_partner_id = s.timing_partner_id AND l.event_id = s.event_id
    WHERE s.timing_partner_id = ${partnerId} AND s.event_id = ${eventId}::${sql.raw(eventType)}
      AND (l.event_id IS NULL OR ${differ(columns)})`.execute(db)
  return rows[0] ?? null
}
