import { isDeepStrictEqual } from 'node:util'
import { ageOn } from '../../domain/person.ts'
import type { StoredRow } from '../../domain/row.ts'
import type { TrueEvent, TrueRegistration } from '../../simulator/index.ts'
import { type AccountEvent, eventsOfAccount } from '../../store/events.ts'
import { readBatch } from '../../store/participants/read.ts'
import { hakuParticipants } from '../../store/participants/table.ts'
import type { Installation } from './install.ts'

/** One thing in which a stored row and the provider differ. */
export interface Difference {
  partnerId: number
  event: string
  registration: string
  field: string
  stored: unknown
  provider: unknown
}

export interface Comparison {
  /** Rows that were compared; a registration that two timing partners receive counts twice. */
  registrations: number
  fields: number
  differences: Difference[]
}

type Field = [name: string, stored: unknown, provider: unknown]

const BATCH = 500

/** Compares every row of every timing partner with what the provider would reveal, field by field, both ways. */
export async function compareAll({ db, haku, accounts }: Installation): Promise<Comparison> {
  const truth = [...haku.truth().values()]
  const comparison: Comparison = { registrations: 0, fields: 0, differences: [] }
  for (const { accountId, clientId, partnerIds } of accounts) {
    const stored = await eventsOfAccount(db, accountId)
    for (const event of truth.filter((one) => one.clientId === clientId)) {
      const found = stored.find((one) => one.eventId === event.id)
      for (const partnerId of partnerIds) {
        const rows = found?.holders.some((h) => h.partnerId === partnerId)
          ? await readAll(db, { partnerId, eventId: event.id })
          : []
        const raceDay = found?.holders.find((h) => h.partnerId === partnerId)?.raceDay ?? null
        compareEvent(comparison, { partnerId, event, found, rows, raceDay })
      }
    }
  }
  return comparison
}

async function readAll(
  db: Installation['db'],
  at: { partnerId: number; eventId: string },
): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  for (;;) {
    const after = rows.at(-1)?.participant_id ?? ''
    const batch = await db.transaction().execute((trx) => readBatch(trx, hakuParticipants, at, after, BATCH))
    rows.push(...batch)
    if (batch.length < BATCH) return rows
  }
}

interface Scope {
  partnerId: number
  event: TrueEvent
  found: AccountEvent | undefined
  rows: readonly StoredRow[]
  raceDay: string | null
}

/** Adds one timing partner's share of one event to the comparison. */
export function compareEvent(
  comparison: Comparison,
  { partnerId, event, found, rows, raceDay }: Scope,
): void {
  const judge = (registration: string, [field, stored, provider]: Field) => {
    comparison.fields++
    if (isDeepStrictEqual(stored ?? null, provider ?? null)) return
    comparison.differences.push({ partnerId, event: event.name, registration, field, stored, provider })
  }
  const starts = event.startsAt === null ? null : Date.parse(event.startsAt)
  judge('', ['event name', found?.name, event.name])
  judge('', ['event start', found?.startsAt, starts])
  const byKey = new Map(rows.map((row) => [row.participant_id, row]))
  for (const [key, registration] of event.registrations) {
    comparison.registrations++
    const row = byKey.get(key)
    if (row === undefined) judge(key, ['row', 'absent', 'present'])
    else for (const field of fieldsOf(row, registration, raceDay)) judge(key, field)
  }
  for (const row of rows) {
    if (event.registrations.has(row.participant_id)) continue
    judge(row.participant_id, ['removed', row.removed_at !== null, true])
  }
}

function fieldsOf(row: StoredRow, truth: TrueRegistration, raceDay: string | null): Field[] {
  const status = truth.isCancelled ? (truth.deferred ? 'deferred' : 'cancelled') : 'active'
  return [
    ['first name', row.first_name, truth.firstName],
    ['last name', row.last_name, truth.lastName],
    ['e-mail', row.email, truth.email],
    ['phone', row.phone, truth.phone],
    ['date of birth', row.date_of_birth, truth.dob],
    ['age on race day', row.age_on_race_day, truth.dob && raceDay ? ageOn(truth.dob, raceDay) : truth.age],
    ['sex', row.gender, truth.gender],
    ['nationality', row.nationality, truth.address.country],
    ['bib', row.bib_number, truth.bib],
    ["provider's bib", row.provider_bib, truth.bib],
    ['chip', row.chip_number, truth.chip],
    ['team', row.team_affiliation, truth.team],
    ['categories', row.categories, truth.categories.map(({ isActive: _, ...category }) => category)],
    ['amount', amount(row.amount_paid), amount(truth.amount)],
    ['emergency contact', row.emergency_contact?.name, truth.emergencyName],
    ['emergency phone', row.emergency_contact?.phone, truth.emergencyPhone],
    ['registered at', instant(row.registered_at), instant(truth.registeredAt)],
    ['status', row.registration_status, status],
    ['removed', row.removed_at !== null, !truth.listed],
  ]
}

/** The same instant may be written with milliseconds or microseconds. */
function instant(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}

function amount(text: string | null): number | null {
  return text === null ? null : Number(text)
}
