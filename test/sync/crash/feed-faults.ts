import { sql } from 'kysely'
import type { Json } from '../../../src/domain/json.ts'
import type { Db } from '../../../src/store/database.ts'

interface FeedEntry {
  position: number
  key: string
  change: string
  fields: Record<string, [Json, Json]>
}

export async function feedOf(db: Db, eventId: string, partnerId: number): Promise<FeedEntry[]> {
  const { rows } = await sql<FeedEntry>`
    SELECT position, participant_id AS key, change, fields FROM participant_changes
    WHERE event_id = ${eventId} AND timing_partner_id = ${partnerId} ORDER BY position`.execute(db)
  return rows
}

/**
 * What is wrong with an event's feed: gaps, entries whose old value is not what the entries before left, and rows
 * that replaying it does not give.
 */
export async function feedFaults(db: Db, eventId: string, partnerId: number): Promise<string[]> {
  const faults: string[] = []
  const replayed = new Map<string, Record<string, Json>>()
  for (const [i, entry] of (await feedOf(db, eventId, partnerId)).entries()) {
    if (entry.position !== i + 1) faults.push(`position ${entry.position} stands in place ${i + 1}`)
    if ((entry.change === 'added') === replayed.has(entry.key)) faults.push(`${entry.key}: ${entry.change}`)
    const row = replayed.get(entry.key) ?? {}
    for (const [column, [old, now]] of Object.entries(entry.fields)) {
      if (!same(row[column], old)) faults.push(`${entry.key}: ${column} did not have its old value`)
      row[column] = now
    }
    replayed.set(entry.key, row)
  }
  const { rows } = await sql<{ key: string; row: Record<string, Json> }>`
    SELECT participant_id AS key, jsonb_build_object('bib_number', bib_number, 'provider_bib', provider_bib,
      'first_name', first_name, 'last_name', last_name, 'email', email, 'phone', phone,
      'date_of_birth', date_of_birth::text, 'registration_status', registration_status,
      'age_on_race_day', age_on_race_day, 'team_affiliation', team_affiliation) AS row
    FROM haku_participants WHERE event_id = ${eventId} AND timing_partner_id = ${partnerId}`.execute(db)
  for (const { key, row } of rows) {
    const told = replayed.get(key)
    if (told === undefined) faults.push(`${key}: stored, and not in the feed`)
    for (const [column, value] of Object.entries(row)) {
      if (told && !same(told[column], value)) faults.push(`${key}: the feed gives another ${column}`)
    }
  }
  if (rows.length !== replayed.size) faults.push(`${replayed.size} rows in the feed, ${rows.length} stored`)
  return faults
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
