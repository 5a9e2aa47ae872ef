import type { KeyedTable } from './keyed-tables.ts'
import type { ParticipantsTable } from './participants-tables.ts'

/** What adoption has to know of the tables of RunSignUp. */

export const runsignupRaces: KeyedTable = {
  table: 'runsignup_races',
  key: 'race_id',
  name: 'name',
  names: ['credentials_used'],
  unassigned: 'runsignup_races_unassigned',
  children: [
    { table: 'runsignup_events', tells: [] },
    { table: 'runsignup_participants', tells: [] },
  ],
}

export const runsignupEvents: KeyedTable = {
  table: 'runsignup_events',
  key: 'event_id',
  name: 'name',
  names: ['credentials_used'],
  unassigned: 'runsignup_events_unassigned',
  children: [{ table: 'runsignup_participants', tells: ['race_id'] }],
}

export const runsignupParticipants: ParticipantsTable = {
  table: 'runsignup_participants',
  key: 'registration_id',
  keyIsText: false,
  // The older system adds whoever goes over to another event there, and leaves the row in the one that was left.
  place: 'p.race_id, CASE WHEN p.race_id IS NULL THEN p.event_id END',
  bib: 'bib_num',
  constraint: 'unique_runsignup_participant',
  duplicates: 'runsignup_participants_duplicates',
}
