import { sql } from 'kysely'
import type { Race } from './crash/race.ts'

/** What tests of decisions look at. */

/** Lists with whole records: absence is about lists, and details would only cost calls. */
export const WHOLE = { registrationsList: 'whole' } as const

export interface HoldRow {
  hold_id: number
  kind: string
  state: string
  absent: number
  known: number
  decided_by: string | null
}

export async function holdsOf({ db }: Race): Promise<HoldRow[]> {
  const { rows } = await sql<HoldRow>`
    SELECT hold_id::float8 AS hold_id, kind, state, absent, known, decided_by FROM holds ORDER BY hold_id`.execute(
    db,
  )
  return rows
}

/** The id of the only open hold. */
export async function openHoldId(r: Race): Promise<number> {
  const open = (await holdsOf(r)).filter((hold) => hold.state === 'open')
  if (open.length !== 1 || open[0] === undefined) throw new Error(`${open.length} holds are open`)
  return open[0].hold_id
}

/** Ids of history rows of one kind, oldest first. */
export async function runsOf({ db }: Race, kind: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT sync_history_id::float8 AS id FROM sync_history WHERE operation_type = ${kind} ORDER BY 1`.execute(
    db,
  )
  return rows.map((row) => row.id)
}

export const HOUR = 3_600_000
