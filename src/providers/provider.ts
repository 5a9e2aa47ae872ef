import type { ProviderName } from '../domain/account.ts'
import type { EventRecord } from '../domain/event.ts'
import type { JsonObject } from '../domain/json.ts'
import type { MappedParticipant, RawParticipant } from '../domain/participant.ts'

/** What a provider can and cannot do; the engine asks this instead of asking for its name. */
export interface Capabilities {
  /** What one list has the registrations of. */
  listOf: 'event' | 'race'
  /** Page sizes asked for first; what comes back is learnt (W3). */
  askPageSize: number
  askEventsPageSize: number
  /** Sizes to step down to when the provider refuses the first. */
  smallerPageSizes: readonly number[]
  /** Lists can be asked for what changed since an instant; else a poll reads newest first, down to the line (W5). */
  modifiedSince: boolean
  /** There is a second list, of registrations that are gone, with the reason. */
  removedFeed: boolean
  /** Pages may claim how many rows there are. */
  totals: boolean
  /** Whether list rows may be thin, so that each registration needs a call of its own (F1). */
  details: 'learnt' | 'never'
  /** One registration can be asked for by its number (A1). */
  singleRead: boolean
  /** Events bear their zone. */
  zoneKnown: boolean
  /** Events come newest date first, so that a discovery may end at the known past. */
  eventsNewestFirst: boolean
  /** Past events are listed as well, so that absence says something of them (A4). */
  pastEvents: boolean
  /** List keys that drift with the calendar and prove nothing about order (W9), such as an age in years. */
  clockKeys: readonly string[]
  /** Shortest interval between polls of one event that a cadence may ask for, ms. */
  shortestIntervalMs: number
  /** For a person, in a few words. */
  authentication: string
  /** Paths below the API's address. */
  endpoints: { events: string; participants: string; removed: string | null; registration: string }
}

/** One row of a participants list, keyed and hashed, its content still the provider's. */
export interface ListRow {
  /** Registration number. */
  key: string
  /** `updated_at` in microseconds since the epoch; null when absent or unreadable (W7). */
  stamp: bigint | null
  /** SHA-256 over the canonical list record (F2): says whether anything visible in the list changed. */
  fingerprint: Buffer
  record: JsonObject
}

/** A record without a registration number: it cannot be stored as a participant, and is kept whole (D2). */
export interface KeylessRow {
  fingerprint: Buffer
  reason: string
  raw: string
}

/** One page of a list. `rows` and `keyless` together are what the provider sent, in its order. */
export interface ListPage {
  rows: ListRow[]
  keyless: KeylessRow[]
  /** Count of records as sent, duplicates and keyless ones included. */
  length: number
  /** Total that the envelope claims, else null. */
  total: number | null
  /** Stamps carry no zone, so the provider's clocks may jump beneath them (W5). */
  localStamps: boolean
  /** The response's `Date` in ms since the epoch; our own clock at arrival when the header is missing (W7). */
  date: number
}

/** A registration that is no longer in its event's list. */
export interface RemovedRow extends ListRow {
  eventId: string
  /** The registration that took its place; null when none is named. */
  successor: string | null
}

/** One page of the registrations that are gone. */
export interface RemovedPage {
  rows: RemovedRow[]
  /** Count of records as sent. */
  length: number
  date: number
}

export interface EventsPage {
  events: EventRecord[]
  /** What was listed, events or races, in the provider's order: by these a walk knows pages again. */
  keys: string[]
  /** Records that are no event (no id), kept whole. */
  keyless: KeylessRow[]
  length: number
  date: number
}

/** The answer to a single read: the record, or the provider's word that there is none. */
export type DetailAnswer = { found: true; record: JsonObject } | { found: false }

/** A page request: pages are numbered from 1. */
export interface PageRequest {
  page: number
  perPage: number
  /** A sweep may spend a probing call to learn a better list (F1); a poll never does. */
  learn?: boolean
}

/** A page of a list of registrations. */
export interface ListRequest extends PageRequest {
  /** The events of the list that are asked for; left out where the list is one event's. */
  events?: readonly string[]
  /** Only what changed at or after this stamp, in microseconds since the epoch; where the provider can. */
  changedSince?: bigint | null
}

/** A list that seems to have more than one page: how many rows came on page 1, of how many asked for. */
export interface LongList {
  listId: string
  rows: number
  perPage: number
}

/** An open line to one account. Every method costs calls, and throws `StartlistError` by class. */
export interface Connection {
  /** One page of the account's events, newest date first, past and inactive ones included. */
  listEvents(request: PageRequest): Promise<EventsPage>
  /**
   * One page of a list of participants, newest update first where polls read down to the line.
   * @throws StartlistError `NOT_FOUND` when the provider does not know the event
   */
  listParticipants(listId: string, request: ListRequest): Promise<ListPage>
  /** One page of the registrations that left the list; only where there is such a feed. */
  listRemoved?(listId: string, request: ListRequest): Promise<RemovedPage>
  /** One registration, whole; costs one call, entered in the ledger as `detail` or, for an absent row, `removal-check`. */
  readDetail(
    listId: string,
    key: string,
    purpose?: 'detail' | 'removal-check',
    events?: readonly string[],
  ): Promise<DetailAnswer>
  /**
   * Shows anew that lists are limited to the account, where a key that is not recognised is given everybody's.
   * @throws StartlistError `CREDENTIAL_REFUSED`, `FORBIDDEN`
   */
  confirm?(): Promise<void>
  /**
   * Asks in other ways than the one that works, a single attempt each, so that whoever watches learns which of them the
   * provider takes as well. Nothing is learnt for the connection itself.
   */
  askOtherwise?(longList: LongList | null): (() => Promise<unknown>)[]
  /** True when list rows are thin, so that each registration needs {@link readDetail} (F1). Learnt from content. */
  readonly needsDetail: boolean
  /** The page sizes to ask for: the capability's, or what refusals stepped them down to. */
  readonly askPageSize: number
  readonly askEventsPageSize: number
}

/** A registration provider: the only place that knows its shapes. */
export interface Provider {
  readonly name: ProviderName
  readonly capabilities: Capabilities
  /** Raised when {@link map} changes, so that stored rows are recomputed from `raw_data` without a call (F5). */
  readonly mappingVersion: number
  /**
   * Reads what a provider said of one registration. Pure: the same raw halves give the same row.
   * @param detailIsStale the list row changed after `raw.detail` was read: facts of the list then win (F3)
   */
  map(raw: RawParticipant, detailIsStale: boolean): MappedParticipant
  /** Whether list rows are thin (F1), by what was learnt of an account; without a connection, so without a call. */
  needsDetail(traits: JsonObject): boolean
  /**
   * Reads an event again from what is kept of it. Pure, and takes anything.
   * @param shared what the events of its list have in common; null where there is no such thing
   */
  readEvent(eventId: string, raw: JsonObject, shared: JsonObject | null): EventRecord
  /** The list record of a registration after it was removed, by what the feed of removals says; where there is one. */
  afterRemoval?(list: JsonObject, removal: JsonObject): JsonObject
  /** When the provider last changed what a single read gave, microseconds since the epoch; null when it does not say. */
  stampOf(detail: JsonObject): bigint | null
  /**
   * Looks again at a list record that was rejected whole, by the rules of today. Pure.
   * @param raw the record's JSON as it was kept
   * @returns its row, and whether it is a whole registration; null while it still has no registration number
   */
  rereadRecord(raw: string): { row: ListRow; whole: boolean } | null
}
