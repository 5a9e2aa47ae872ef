import { effectiveBib } from '../domain/bib.ts'
import { canonicalJson, fingerprint } from '../domain/fingerprint.ts'
import type { Json, JsonObject } from '../domain/json.ts'
import type {
  FieldProblem,
  MappedParticipant,
  ParticipantFields,
  RawParticipant,
} from '../domain/participant.ts'
import { ageOn } from '../domain/person.ts'
import type { Change, ChangeKind, Content, StoredRow, WrittenRow } from '../domain/row.ts'
import { CONTENT_COLUMNS } from '../domain/row.ts'
import type { BibAside } from '../store/participants/set-aside.ts'
import { isUnverified, settleBib } from './adopted.ts'

/**
 * What a stored row becomes when its provider says something new. Pure: the row before, the news and the event's
 * settings give the row after and its feed entry.
 */

/** What the event and its partner decide about a row. */
export interface RowSettings {
  /** Race day, `YYYY-MM-DD`, for the age; null when the event has no date. */
  raceDay: string | null
  bibAuthority: 'provider' | 'local'
  map: (raw: RawParticipant, detailIsStale: boolean) => MappedParticipant
  mappingVersion: number
  /** The present, ISO 8601. */
  now: string
}

export interface Merged {
  row: WrittenRow
  /** A bib of the older system that becomes the local one; null for none. */
  keptBib: string | null
  change: Change | null
  problems: FieldProblem[]
}

/** The news about one registration. */
export interface News {
  key: string
  raw: RawParticipant
  listFingerprint: Buffer | null
  detailOf: Buffer | null
  detailReadAt: string | null
  listPass: number | null
  sourceUpdatedAt: bigint | null
  /** Set when the provider no longer has the registration: a soft removal (A4). */
  removal?: {
    note: string
    /** A status other than `active` says more than `removed` and stays. */
    keepStatus?: boolean
  }
  /** Found singly although no list showed it (A1). */
  absences?: number
  /** Tries at the owed detail so far, and the earliest next one; left out when the row has news of its own. */
  detailAttempts?: number
  detailNotBefore?: string | null
  /** Bibs of rows that the older system wrote into other events of the list, and that went aside. */
  bibsAside?: readonly BibAside[]
}

/** The news that there is none: everything as it is stored, to be mapped again (F5) or changed in part. */
export function asStored(row: StoredRow): News {
  return {
    key: row.participant_id,
    raw: row.raw_data ?? { list: null, detail: null },
    listFingerprint: row.list_fingerprint,
    detailOf: row.detail_of,
    detailReadAt: row.detail_read_at,
    listPass: row.list_pass,
    sourceUpdatedAt: row.source_updated_at,
    absences: row.absences,
    detailAttempts: row.detail_attempts,
    detailNotBefore: row.detail_not_before,
    ...(row.removed_at === null ? {} : { removal: { note: row.removal_note ?? '', keepStatus: true } }),
  }
}

/** The row after the news. */
export function merge(before: StoredRow | null, news: News, settings: RowSettings): Merged {
  const detailIsStale = news.raw.detail !== null && !sameBytes(news.listFingerprint, news.detailOf)
  const { fields, problems } = settings.map(news.raw, detailIsStale)
  const unreadable = new Set(problems.map((problem) => problem.field))
  const listOnly = news.detailOf === null
  const said = contentOf(fields, { unreadable, listOnly }, before, settings)
  const answer = {
    given: !unreadable.has('providerBib') && !(listOnly && fields.providerBib === null),
    bib: said.provider_bib,
    chip: said.chip_number,
  }
  // Of another event it means nothing here.
  const aside = news.bibsAside?.find(({ eventId }) => eventId === said.event_id)?.bib
  const adopted = settleBib(before, answer, settings.bibAuthority, aside)
  const localBib = before?.local_bib ?? adopted.local
  const bib = adopted.pending ?? effectiveBib(said.provider_bib, localBib, settings.bibAuthority)
  const content: Content = { ...said, bib_number: bib }
  if (news.removal && !(news.removal.keepStatus && content.registration_status !== 'active')) {
    content.registration_status = 'removed'
  }
  const row: WrittenRow = {
    ...content,
    participant_id: news.key,
    raw_data: news.raw,
    row_hash: rowHash(content),
    mapping_version: settings.mappingVersion,
    list_fingerprint: news.listFingerprint,
    detail_of: news.detailOf,
    detail_read_at: news.detailReadAt,
    detail_attempts: news.detailAttempts ?? 0,
    detail_not_before: news.detailNotBefore ?? null,
    list_pass: news.listPass,
    removed_at: news.removal ? (before?.removed_at ?? settings.now) : null,
    removal_note: news.removal?.note ?? null,
    absences: news.absences ?? 0,
    source_updated_at: news.sourceUpdatedAt,
    fetched_at: settings.now,
  }
  return { row, keptBib: adopted.local, change: changeOf(before, row), problems }
}

function contentOf(
  fields: ParticipantFields,
  source: {
    unreadable: ReadonlySet<keyof ParticipantFields>
    /** No detail was read: what the list is silent about may still be as it is stored (F3). */
    listOnly: boolean
  },
  before: StoredRow | null,
  settings: RowSettings,
): Omit<Content, 'bib_number'> {
  // A value that could not be read leaves the stored one in place (D2).
  const keep = <T>(field: keyof ParticipantFields, value: T, old: T | undefined): T => {
    const unknown = source.unreadable.has(field) || (source.listOnly && value === null)
    return unknown && old !== undefined ? old : value
  }
  const dateOfBirth = keep('dateOfBirth', fields.dateOfBirth, before?.date_of_birth)
  const listedAge = keep('listedAge', fields.listedAge, before?.listed_age)
  return {
    event_id: keep('eventId', fields.eventId, before?.event_id),
    provider_bib: keep('providerBib', fields.providerBib, before?.provider_bib),
    chip_number: keep('chipNumber', fields.chipNumber, before?.chip_number),
    first_name: keep('firstName', fields.firstName, before?.first_name),
    last_name: keep('lastName', fields.lastName, before?.last_name),
    email: keep('email', fields.email, before?.email),
    phone: keep('phone', fields.phone, before?.phone),
    date_of_birth: dateOfBirth,
    gender: keep('gender', fields.gender, before?.gender),
    nationality: keep('nationality', fields.nationality, before?.nationality),
    emergency_contact: keep('emergencyContact', fields.emergencyContact, before?.emergency_contact),
    team_affiliation: keep('team', fields.team, before?.team_affiliation),
    category: keep('category', fields.category, before?.category),
    categories: keep('categories', fields.categories as Json | null, before?.categories),
    wave: keep('wave', fields.wave, before?.wave),
    corral: keep('corral', fields.corral, before?.corral),
    listed_age: listedAge,
    age_on_race_day: dateOfBirth && settings.raceDay ? ageOn(dateOfBirth, settings.raceDay) : listedAge,
    registered_at: keep('registeredAt', fields.registeredAt, before?.registered_at),
    payment_status: keep('paymentStatus', fields.paymentStatus, before?.payment_status),
    amount_paid: keep('amountPaid', fields.amountPaid, before?.amount_paid),
    special_requirements: keep(
      'specialRequirements',
      fields.specialRequirements,
      before?.special_requirements,
    ),
    registration_status: keep(
      'status',
      fields.status,
      before?.registration_status as ParticipantFields['status'],
    ),
    successor: keep('successor', fields.successor, before?.successor),
  }
}

/** Hash of the stored content; its form version is the fingerprint's (F5). */
export function rowHash(content: Content): Buffer {
  return fingerprint(Object.fromEntries(CONTENT_COLUMNS.map((name) => [name, content[name]])) as JsonObject)
}

/** The feed entry that leads from one row to the other; null when no content changed. */
export function changeOf(before: StoredRow | null, after: WrittenRow): Change | null {
  const fields: Change['fields'] = {}
  for (const name of CONTENT_COLUMNS) {
    const old: Json = before === null ? null : (before[name] as Json)
    const now = after[name] as Json
    if (old !== now && canonicalJson(old) !== canonicalJson(now)) fields[name] = [old, now]
  }
  // The first contact with an adopted row is told even where nothing differs: from now on it is the provider's word.
  if (before !== null && Object.keys(fields).length === 0 && !isUnverified(before)) return null
  return {
    key: after.participant_id,
    change: kindOf(before, after),
    fields,
    sourceUpdatedAt: after.source_updated_at,
  }
}

function kindOf(before: StoredRow | null, after: WrittenRow): ChangeKind {
  if (before === null) return 'added'
  if (isUnverified(before) && after.removed_at === null) return 'adopted'
  const [old, now] = [before.registration_status, after.registration_status]
  if (old === now) return 'changed'
  switch (now) {
    case 'cancelled':
    case 'transferred':
    case 'deferred':
    case 'removed':
      return now
    default:
      return 'restored'
  }
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a !== null && b !== null && a.equals(b)
}
