import { sql } from 'kysely'
import type { Traits } from '../../src/simulator/index.ts'
import { race } from './crash/race.ts'

const LISTS = ['participants' as const, 'registrations' as const]
/** Two hours from the start that installations begin at: a list is to be read every minute. */
export const SOON = '2026-05-01T14:00:00'

/** A race within two hours of which nothing is known yet; so many pages of 25 whole registrations. */
export async function large(
  pages: number,
  { traits, startsAt = SOON }: { traits?: Partial<Traits>; startsAt?: string } = {},
) {
  const r = await race({
    participants: 25 * pages - 10,
    startsAt,
    traits: { registrationsList: 'whole', pageCap: 25, ...traits },
  })
  const at = { endpoint: LISTS, eventId: r.event.id }
  return {
    ...r,
    /** The first call, which learns what the account lists, is not one of them. */
    pages: () =>
      r.haku.calls
        .list(at)
        .map(({ page }) => page)
        .slice(1),
    /** Something happens while a page is read, and a minute passes. */
    minuteAt: (page: number, happens: () => void) =>
      r.haku.atPage(r.event.id, page, () => {
        happens()
        r.clock.advance(61_000)
      }),
    breakAt: (page: number) =>
      r.haku.faults.add({
        match: { ...at, page },
        times: Number.POSITIVE_INFINITY,
        fault: { kind: 'status', status: 500 },
      }),
    stored: async (key: string) => {
      const { rows } = await sql<{ bib: string | null }>`
        SELECT bib_number AS bib FROM haku_participants WHERE participant_id = ${key}`.execute(r.db)
      return rows[0]
    },
  }
}
