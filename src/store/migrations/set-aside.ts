import { isolated } from '../isolation/policies.ts'

const TABLE = 'runsignup_participants_duplicates'

/**
 * Where a row goes that the older system writes into a second event of a race beside startlist; adoption may have made
 * the table, for those that were there. Nobody reads it but the owner: it is no part of a start list.
 */
export const setAside: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS ${TABLE} (LIKE runsignup_participants, why text NOT NULL, moved_at timestamptz NOT NULL)`,
  // What registrations have got since adoption made it.
  `ALTER TABLE ${TABLE} ADD COLUMN IF NOT EXISTS nationality text, ADD COLUMN IF NOT EXISTS team_affiliation text,
    ADD COLUMN IF NOT EXISTS amount_paid numeric(12,2), ADD COLUMN IF NOT EXISTS successor text`,
  ...isolated(TABLE, 'partner'),
]
