import { sql } from 'kysely'
import { ageOn } from '../../src/domain/person.ts'
import type { TrueEvent, TrueRegistration } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'

/** One difference between what is stored and what the provider would reveal; empty lists are the promise kept. */
export interface Difference {
  eventId: string
  key: string
  what: string
  stored: unknown
  true: unknown
}

interface Stored {
  key: string
  first_name: string | null
  last_name: string | null
  email: string | null
  phone: string | null
  date_of_birth: string | null
  gender: string | null
  nationality: string | null
  bib_number: string | null
  provider_bib: string | null
  chip_number: string | null
  team_affiliation: string | null
  categories: { name: string | null; bib: string | null; chip: string | null }[] | null
  wave: string | null
  amount_paid: string | null
  registration_status: string
  removed: boolean
  emergency_contact: { name?: string; phone?: string } | null
  race_day: string | null
  age_on_race_day: number | null
}

/** What the rows of one timing partner are compared by. */
export interface CompareOptions {
  partnerId: number
  /** Leave these columns out, where a world makes them unknowable. */
  except?: readonly string[]
}

/** Compares the rows of one timing partner with the truth of an event, field by field, both ways. */
export async function differences(db: Db, event: TrueEvent, options: CompareOptions): Promise<Difference[]> {
  const { rows } = await sql<Stored>`
    SELECT p.participant_id AS key, p.first_name, p.last_name, p.email, p.phone, p.date_of_birth::text, p.gender,
      p.nationality, p.bib_number, p.provider_bib, p.chip_number, p.team_affiliation, p.categories, p.wave,
      p.amount_paid::text, p.registration_status, p.removed_at IS NOT NULL AS removed, p.emergency_contact,
      coalesce(e.start_day::text, ((e.starts_at AT TIME ZONE coalesce(e.timezone, 'America/New_York'))::date)::text)
        AS race_day, p.age_on_race_day
    FROM haku_participants p JOIN haku_events e USING (timing_partner_id, event_id)
    WHERE p.timing_partner_id = ${options.partnerId} AND p.event_id = ${event.id}`.execute(db)
  const stored = new Map(rows.map((row) => [row.key, row]))
  const found: Difference[] = []
  const note = (key: string, what: string, is: unknown, should: unknown) => {
    if (!options.except?.includes(what))
      found.push({ eventId: event.id, key, what, stored: is, true: should })
  }
  for (const [key, truth] of event.registrations) {
    const row = stored.get(key)
    if (row === undefined) {
      // Hidden registrations that were never listed cannot be known.
      if (truth.listed) note(key, 'row', 'absent', 'present')
      continue
    }
    if (row.removed && truth.listed) note(key, 'removed', true, false)
    for (const [what, is, should] of fieldsOf(row, truth)) if (!same(is, should)) note(key, what, is, should)
  }
  for (const row of rows) {
    if (!event.registrations.has(row.key) && !row.removed) note(row.key, 'row', 'present', 'absent')
  }
  return found
}

function fieldsOf(row: Stored, truth: TrueRegistration): [string, unknown, unknown][] {
  const status = truth.isCancelled ? (truth.deferred ? 'deferred' : 'cancelled') : 'active'
  return [
    ['first_name', row.first_name, truth.firstName],
    ['last_name', row.last_name, truth.lastName],
    ['email', row.email, truth.email],
    ['phone', row.phone, truth.phone],
    ['date_of_birth', row.date_of_birth, truth.dob],
    ['gender', row.gender, truth.gender],
    ['nationality', row.nationality, truth.address.country],
    ['provider_bib', row.provider_bib, truth.bib],
    ['bib_number', row.bib_number, truth.bib],
    ['chip_number', row.chip_number, truth.chip],
    ['team', row.team_affiliation, truth.team],
    [
      'categories',
      row.categories?.map((c) => [c.name, c.bib, c.chip]),
      truth.categories.map((c) => [c.name, c.bib, c.chip]),
    ],
    [
      'amount',
      row.amount_paid === null ? null : Number(row.amount_paid),
      truth.amount === null ? null : Number(truth.amount),
    ],
    ['status', row.removed ? status : row.registration_status, status],
    ['emergency', row.emergency_contact?.phone, truth.emergencyPhone],
    ['age', row.age_on_race_day, truth.dob && row.race_day ? ageOn(truth.dob, row.race_day) : truth.age],
  ]
}

/** Nothing said and the empty text are one: a column without a value is null. */
function same(a: unknown, b: unknown): boolean {
  const plain = (value: unknown) => JSON.stringify(value === '' ? null : (value ?? null))
  return plain(a) === plain(b)
}
