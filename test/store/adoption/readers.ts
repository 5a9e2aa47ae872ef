import { sql } from 'kysely'
import type { Db } from '../../../src/store/database.ts'
import type { Variant } from './variant.ts'

/** What legacy readers ask, by name; each names its columns, as far as its database has them. */
export function readersQueries(v: Variant): Record<string, string> {
  const [partner, company] = v.otherNames ? ['id', 'name'] : ['timing_partner_id', 'company_name']
  const [provider, providerName] = v.otherNames ? ['id', 'provider_name'] : ['provider_id', 'name']
  return {
    partners: `SELECT ${partner}, ${company} FROM timing_partners`,
    providers: `SELECT ${provider}, ${providerName}, api_base_url, rate_limit_per_hour FROM providers`,
    credentials:
      'SELECT timing_partner_id, provider_id, principal, secret, additional_config FROM partner_provider_credentials',
    events: `SELECT event_id, event_name, start_date, distance, ${v.eventStatus ? 'event_status' : 'status'}, fetched_date FROM haku_events`,
    registrations: `SELECT e.event_name, p.participant_id, p.first_name, p.last_name, p.bib_number, p.registration_date
      FROM haku_participants p JOIN haku_events e ON e.event_id = p.event_id AND e.timing_partner_id = p.timing_partner_id`,
    rows: 'SELECT id, event_id, participant_id, first_name, last_name, gender, phone, credentials_used FROM haku_participants',
    history: 'SELECT timing_partner_id, event_id, sync_time, status, num_of_synced_records FROM sync_history',
    ...(v.runsignup
      ? {
          races: 'SELECT race_id, name, timezone FROM runsignup_races',
          runners:
            'SELECT event_id, registration_id, first_name, bib_num, age, address FROM runsignup_participants',
        }
      : {}),
    ...(v.views === 'none' ? {} : viewQueries),
  }
}

/** What a role with rights on the views alone asks. */
export const viewQueries: Readonly<Record<string, string>> = {
  'unified participants': `SELECT source_provider, timing_partner_id, event_id, first_name, last_name, email, gender, bib_number,
    city, state, age, registration_date, fetched_date FROM unified_participants`,
  'unified events':
    'SELECT source_provider, timing_partner_id, event_id, event_name, event_date, fetched_date FROM unified_events',
}

/** Each answer as a sorted list of lines, so that two can be compared whatever the order of rows. */
export async function ask(
  db: Db,
  queries: Readonly<Record<string, string>>,
): Promise<Record<string, string[]>> {
  const answers: Record<string, string[]> = {}
  for (const [name, query] of Object.entries(queries)) {
    const { rows } = await sql.raw<object>(query).execute(db)
    answers[name] = rows.map((row) => JSON.stringify(Object.values(row))).sort()
  }
  return answers
}
