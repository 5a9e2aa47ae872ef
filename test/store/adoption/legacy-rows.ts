import { sql } from 'kysely'
import { Rng } from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import type { Variant } from './variant.ts'

type Row = Record<string, unknown>

async function insert(db: Db, table: string, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const values = Object.values(row).map((value) => sql`${value}`)
    await sql`INSERT INTO ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
      VALUES (${sql.join(values)})`.execute(db)
  }
}

const PARTNERS = ['Alder Timing', 'Birch Events', 'Cedar Races']
const day = (n: number) => `2025-06-${String(1 + (n % 28)).padStart(2, '0')} 08:30:00`

/** Fills a legacy database with invented rows, as the variant says. */
export async function fillLegacy(db: Db, v: Variant): Promise<void> {
  const rng = new Rng(v.seed ^ 0x5eed)
  const [idName, name] = v.otherNames ? ['id', 'name'] : ['timing_partner_id', 'company_name']
  const password = v.otherNames ? {} : { hashed_password: 'x' }
  const key = (n: number, column: string) => (v.lagging ? { [column]: n } : {})
  await insert(
    db,
    'timing_partners',
    PARTNERS.map((partner, i) => ({ [name]: partner, ...password, ...key(i + 1, idName) })),
  )
  const [providerId, providerName] = v.otherNames ? ['id', 'provider_name'] : ['provider_id', 'name']
  await insert(
    db,
    'providers',
    v.providers.map((provider, i) => ({
      [providerName]: provider,
      api_base_url: 'https://old.example',
      ...key(i + 1, providerId),
    })),
  )
  const haku = v.providers.indexOf('Haku') + 1
  const runsignup = v.providers.indexOf('RunSignUp') + 1
  const credential = (partner: number, provider: number, principal: string, updated: string) => ({
    ...{ timing_partner_id: partner, provider_id: provider, principal, secret: `plain-${principal}` },
    additional_config: JSON.stringify({ organization_name: `Org of ${principal}` }),
    updated_at: updated,
  })
  await insert(db, 'partner_provider_credentials', [
    credential(1, haku, 'client-shared', '2025-01-01'),
    credential(2, haku, 'client-shared', '2025-01-01'),
    credential(3, runsignup, 'key-three', '2025-01-01'),
    ...(v.oneCredential
      ? []
      : [
          credential(1, haku, 'client-second', '2025-01-01'),
          credential(1, haku, 'client-shared', '2025-02-01'),
        ]),
  ])
  await insert(db, 'haku_events', hakuEvents(v))
  if (v.runsignup) await fillRunsignup(db, v)
  await insert(db, 'haku_participants', hakuParticipants(v, rng))
  if (v.views !== 'none')
    await insert(db, 'raceroster_participants', [
      { timing_partner_id: 1, event_id: 7, first_name: 'Rosa', last_name: 'Oster', city: 'Bend' },
    ])
  await insert(db, 'sync_history', [
    {
      timing_partner_id: 1,
      provider_id: haku,
      event_id: 'ev-1',
      status: 'completed',
      num_of_synced_records: 3,
    },
  ])
}

function hakuEvents(v: Variant): Row[] {
  const status = v.eventStatus ? 'event_status' : 'status'
  const events = [1, 2, 3, 4].map(
    (n): Row => ({
      event_id: `ev-${n}`,
      event_name: `Race ${n}`,
      organization_id: 'Org of client-shared',
      start_date: day(n),
      distance: v.textDistance ? '26.2 miles' : 26.2,
      [status]: 'active',
      timing_partner_id: 1 + (n % 2),
    }),
  )
  if (v.nameless) {
    // One that its participants name, and one that two partners could hold.
    events.push({ event_id: 'ev-5', event_name: 'Whose', start_date: day(5), credentials_used: 'nobody' })
    events.push({ event_id: 'ev-6', event_name: 'Whose else', credentials_used: 'client-shared' })
  }
  return events
}

function hakuParticipants(v: Variant, rng: Rng): Row[] {
  const rows: Row[] = []
  const add = (event: number, key: string | null, partner: number | null, more: Row = {}) =>
    rows.push({
      ...{
        event_id: `ev-${event}`,
        participant_id: key,
        timing_partner_id: partner,
        first_name: `First${key}`,
      },
      ...{
        last_name: `Last${rng.int(9)}`,
        bib_number: String(100 + rows.length),
        gender: rng.pick(['M', 'F', '']),
      },
      ...{
        registration_date: day(rng.int(28)),
        fetched_date: day(3),
        credentials_used: 'client-shared',
        ...more,
      },
    })
  for (const event of [1, 2, 3, 4]) {
    const partner = 1 + (event % 2)
    for (let n = 0; n < 5; n++) add(event, `R-${event}${n}`, partner)
    // Rows without a key stay where they are, however many.
    for (let n = 0; n < 2; n++) add(event, null, partner)
  }
  if (v.nameless) {
    add(5, 'R-51', 3)
    add(1, 'R-16', null)
    if (!v.lacking) add(1, 'R-10', null, { fetched_date: day(9), bib_number: null })
  }
  if (v.lacking) for (const n of [1, 2]) add(1, `R-1${n}`, 1)
  if (v.orphans) add(99, 'R-990', 2)
  if (v.doubled && !v.constraint) {
    add(2, 'R-20', 1, { fetched_date: day(9), bib_number: '' })
    add(2, 'R-20', 1, { fetched_date: null, bib_number: '777' })
    add(2, 'R-21', 1, { fetched_date: day(3), bib_number: '888' })
    for (let n = 0; n < 2; n++) add(3, ' ', 2)
  }
  return v.lagging ? rows.map((row, i) => ({ id: i + 1, ...row })) : rows
}

async function fillRunsignup(db: Db, v: Variant): Promise<void> {
  await insert(db, 'runsignup_races', [
    { race_id: 11, name: 'Harbor Run', timezone: 'America/New_York', timing_partner_id: 3 },
    ...(v.nameless ? [{ race_id: 12, name: 'Nobody’s', credentials_used: 'key-three' }] : []),
  ])
  await insert(db, 'runsignup_events', [
    { event_id: 111, race_id: 11, name: '5K', start_time: day(3), timing_partner_id: 3 },
    { event_id: 112, race_id: 11, name: '10K', start_time: day(3), timing_partner_id: 3 },
  ])
  const person = (
    event: number,
    registration: number | null,
    partner: number,
    fetched: string,
    bib: string | null,
  ): Row => ({
    ...{
      race_id: 11,
      event_id: event,
      registration_id: registration,
      user_id: 5,
      first_name: `Rsu${registration}`,
    },
    ...{
      bib_num: bib,
      timing_partner_id: partner,
      address: JSON.stringify({ city: 'Salem', state: 'OR' }),
      fetched_date: fetched,
    },
  })
  await insert(db, 'runsignup_participants', [
    ...[1, 2, 3].map((n) => person(111, 9000 + n, 3, day(3), String(n))),
    person(112, null, 3, day(3), '4'),
    ...(v.doubled ? [person(111, 9001, 3, day(9), null)] : []),
    ...(v.lacking ? [person(112, 9009, 2, day(3), '9')] : []),
    ...(v.orphans ? [{ ...person(119, 9900, 2, day(3), '7'), race_id: 19 }] : []),
  ])
}
