import type { KeyedTable } from './keyed-tables.ts'
import type { ParticipantsTable } from './participants-tables.ts'

/** What adoption has to know of the tables of Haku. */

export const hakuEvents: KeyedTable = {
  table: 'haku_events',
  key: 'event_id',
  name: 'event_name',
  names: ['credentials_used', 'organization_id'],
  unassigned: 'haku_events_unassigned',
  children: [{ table: 'haku_participants', tells: [] }],
}

export const hakuParticipants: ParticipantsTable = {
  table: 'haku_participants',
  key: 'participant_id',
  keyIsText: true,
  place: 'p.event_id',
  bib: 'bib_number',
  constraint: 'unique_haku_participant',
  duplicates: 'haku_participants_duplicates',
}
