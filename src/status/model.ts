import type { Config } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Stretch } from '../quota/stretch.ts'
import type { PauseReason } from '../store/accounts.ts'
import type { Db } from '../store/database.ts'
import type { EventCounts, EventOverview } from '../store/overview/events.ts'
import type { EventPasses } from '../store/overview/passes.ts'
import type { Backfill } from './backfill.ts'
import type { Pace } from './pace.ts'
import type { Standing } from './verdict.ts'

/** What a status is read with. */
export interface Reading {
  db: Db
  config: Config
  clock: Clock
}

/** What `status` shows. Instants in ms since the epoch. */
export interface Status {
  standing: Standing
  troubles: Trouble[]
  races: Race[]
  accounts: AccountLine[]
  /** By raceKey. */
  passes: ReadonlyMap<string, EventPasses>
  /** Known events that are over, and so not shown. */
  over: number
}

/** Something that is not as it should be, and what to do about it. */
export interface Trouble {
  problem:
    | 'hold'
    | 'credential'
    | 'pause'
    | 'late'
    | 'overload'
    | 'failing'
    | 'behind'
    | 'missing'
    | 'unordered'
    | 'audit'
    | 'ledger'
    | 'schema'
  /** What it is about, for people. */
  subject: string
  message: string
  hint: string
  /** It stays until a person acts. */
  needsPerson: boolean
  fields: Record<string, unknown>
}

/** One race, whoever receives it. */
export interface Race {
  event: EventOverview
  partnerIds: number[]
  /** Of the partner with the most, which is all of them unless one is behind. */
  counts: Omit<EventCounts, 'partnerId' | 'eventId'>
  schedule: Schedule
  pace: Pace
  /** Oldest bib over its limit (F4). */
  areBibsLate: boolean
  troubled: boolean
}

/** One account: what it spent of its hour, and what keeps it from more. */
export interface AccountLine {
  accountId: number
  provider: string
  clientId: string
  label: string
  calls: number
  limit: number
  pausedUntil: number | null
  pauseReason: PauseReason | null
  stretch: Stretch
  /** Its lists are not sorted by time, so that each poll reads a whole list (W9). */
  unorderedSince: number | null
  /** Null when every race was read to its end. */
  backfill: Backfill | null
}
