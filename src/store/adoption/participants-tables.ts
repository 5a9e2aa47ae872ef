import { hakuParticipants } from './haku.ts'
import { runsignupParticipants } from './runsignup.ts'

/** A legacy table of registrations, which had no key at all. */
export interface ParticipantsTable {
  table: string
  /** The column of the registration number. */
  key: string
  keyIsText: boolean
  /** Within what a registration has one row `p`: an event, or a race with all its events. */
  place: string
  /** The bib that readers read. */
  bib: string
  /** The unique constraint on (event_id, key, timing_partner_id), as it was once added by hand. */
  constraint: string
  /** Where the older of two rows of one registration go (M4). */
  duplicates: string
}

export const participantsTables: readonly ParticipantsTable[] = [hakuParticipants, runsignupParticipants]
