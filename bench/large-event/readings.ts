import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { EVENT } from '../export/fill.ts'

/** A reading of the API, and the plain SQL that brings as much. */
export interface Reading {
  what: string
  path: string
  plain(client: PoolClient): Promise<unknown>
  /** The answer is shared by whoever asks within two seconds. */
  shared?: boolean
}

const event = `/v1/events/${encodeURIComponent(`haku:1:${EVENT}`)}`
const SEARCHED = 'ana7'
const ofEvent = `timing_partner_id = 1 AND event_id = '${EVENT}'`
const columns = `bib_number, provider_bib, local_bib, first_name, last_name, gender, age_on_race_day, date_of_birth, category,
  wave, corral, team_affiliation, chip_number, participant_id, registration_status, registered_at, removed_at`
const byName = 'lower(last_name), lower(first_name), participant_id'
const query = (text: string) => (client: PoolClient) => client.query(text)

/** What a timing partner looks at, in the order of a morning. */
export const readings: readonly Reading[] = [
  {
    what: 'weekend board',
    path: '/v1/board',
    shared: true,
    plain: query(`SELECT count(*), count(*) FILTER (WHERE registration_status = 'active'), min(detail_read_at)
      FROM haku_participants WHERE ${ofEvent} AND removed_at IS NULL`),
  },
  {
    what: 'race',
    path: event,
    shared: true,
    plain: query(`SELECT category, wave, count(*), count(*) FILTER (WHERE registration_status = 'active')
      FROM haku_participants WHERE ${ofEvent} GROUP BY GROUPING SETS ((), (category), (wave))`),
  },
  {
    what: 'first page of 50',
    path: `${event}/participants?limit=50`,
    plain: query(
      `SELECT ${columns} FROM haku_participants WHERE ${ofEvent} AND removed_at IS NULL ORDER BY ${byName} LIMIT 51`,
    ),
  },
  {
    what: 'search',
    path: `${event}/participants?limit=50&q=${SEARCHED}`,
    plain: query(`SELECT ${columns} FROM haku_participants WHERE ${ofEvent} AND removed_at IS NULL
      AND concat_ws(' ', first_name, last_name, team_affiliation, bib_number, participant_id) ILIKE '%${SEARCHED}%'
      ORDER BY ${byName} LIMIT 51`),
  },
  {
    what: 'a bib',
    path: `${event}/participants?limit=50&q=4711`,
    plain: query(
      `SELECT ${columns} FROM haku_participants WHERE ${ofEvent} AND removed_at IS NULL AND bib_number = '4711'`,
    ),
  },
  {
    what: 'first page of changes',
    path: `${event}/changes?after=0&limit=50`,
    plain: query(`SELECT c.*, p.first_name, p.last_name, p.bib_number FROM participant_changes c
      JOIN haku_participants p USING (event_id, participant_id, timing_partner_id)
      WHERE provider = 'haku' AND ${ofEvent} ORDER BY position LIMIT 51`),
  },
  {
    what: 'export as CSV',
    path: `${event}/exports/csv`,
    plain: (client) =>
      pipeline(
        client.query(
          copyTo(`COPY (SELECT ${columns}, email, phone, emergency_contact, raw_data #> '{detail,participant,address}'
          FROM haku_participants WHERE ${ofEvent} ORDER BY participant_id) TO STDOUT (FORMAT csv)`),
        ),
        new Writable({ write: (_, __, done) => done() }),
      ),
  },
]
