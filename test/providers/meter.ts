import type { Clock } from '../../src/domain/clock.ts'
import { StartlistError } from '../../src/domain/errors.ts'
import type { Meter } from '../../src/providers/http.ts'

/** A row of the ledger, as the tests look at it. */
export interface MeteredRow {
  purpose: string
  eventId: string | null
  timeoutMs: number
  at: number
  /** undefined while the call is under way */
  status?: number | null
  errorCode?: string | null
  retryAfterMs?: number | null
}

/** A meter that keeps rows in memory; `limit` calls and no more. */
export function memoryMeter(clock: Clock, limit = Number.POSITIVE_INFINITY) {
  const rows: MeteredRow[] = []
  const meter: Meter = {
    async acquire({ purpose, eventId = null, timeoutMs }) {
      if (rows.length >= limit) throw new StartlistError('QUOTA_SPENT', 'spent', { retryAt: 1 })
      const row: MeteredRow = { purpose, eventId, timeoutMs, at: clock.now() }
      rows.push(row)
      return {
        deadline: clock.now() + timeoutMs,
        async end({ status, errorCode, retryAfterMs = null }) {
          if (row.status !== undefined) throw new Error('a call ended twice')
          Object.assign(row, { status, errorCode, retryAfterMs })
        },
      }
    },
  }
  return { meter, rows, purposes: () => rows.map((row) => row.purpose) }
}
