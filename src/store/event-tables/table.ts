import type { ProviderName } from '../../domain/account.ts'
import type { JsonObject } from '../../domain/json.ts'
import type { RacePart } from '../../domain/race.ts'
import type { Trx } from '../database.ts'

/** An event as discovery stores it for one timing partner. */
export interface EventRow {
  eventId: string
  name: string
  description: string | null
  /** ISO instants, or null */
  startsAt: string | null
  /** `startsAt` was read in New York because nobody knows its zone (T3). */
  startsAssumed: boolean
  endsAt: string | null
  startDay: string | null
  endDay: string | null
  /** Wall-clock text of the event's zone, for the legacy columns. */
  startWall: string | null
  endWall: string | null
  timezone: string | null
  timezoneSource: string
  location: string | null
  eventType: string | null
  distanceMiles: number | null
  registrationLimit: number | null
  registrationFee: string | null
  currency: string | null
  status: string | null
  /** The race that lists it together with others; null where each event has a list of its own. */
  part: RacePart | null
  raw: JsonObject
  hash: Buffer
}

/** For whom, and through which account, events are stored. */
export interface EventReceiver {
  provider: ProviderName
  partnerId: number
  accountId: number
  /** Organization of the credential, for `credentials_used`; never a key. */
  organization: string | null
}

/** How one provider's table of events names what all of them hold, and how a row is written. */
export interface EventTable {
  table: 'haku_events' | 'runsignup_events'
  /** Type of `event_id`. */
  eventType: 'text' | 'integer'
  /** The column of the list that an event is read in, of the same type. */
  list: 'event_id' | 'race_id'
  /** Where a person's decisions on a list stand (cadence, bib authority), and by which key. */
  decisions: { table: 'haku_events' | 'runsignup_races'; key: 'event_id' | 'race_id' }
  /** Legacy columns of the wall clock. */
  wall: { start: string; end: string }
  /** The legacy column that says when a row was last changed; null where there is none. */
  touched: 'updated_at' | null
  /** What events share is written before they are. */
  writeShared(trx: Trx, at: EventReceiver, rows: readonly EventRow[]): Promise<void>
  /** An override of start or zone by a person (T3) is kept. */
  write(trx: Trx, at: EventReceiver, row: EventRow): Promise<void>
}
