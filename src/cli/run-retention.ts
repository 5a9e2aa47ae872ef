import { applyRetention, type Retired } from '../sync/retention.ts'
import type { Session } from './session.ts'

/** Who is told. */
export interface RetentionReport {
  retired(counts: Retired): void
  problem(error: unknown): void
}

const HOUR = 3_600_000

/** Looks every hour for people who were kept long enough, until it is told to stop; that ends with the batch under way. */
export function startRetention(session: Session, report: RetentionReport): { stop(): Promise<void> } {
  const ending = new AbortController()
  const working = keepLooking(session, report, ending.signal)
  return {
    stop() {
      ending.abort()
      return working
    },
  }
}

async function keepLooking(
  { db, clock, config }: Session,
  report: RetentionReport,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const counts = await applyRetention(db, { defaultDays: config.retentionDays, signal })
      if (counts.lists > 0) report.retired(counts)
    } catch (error) {
      if (!signal.aborted) report.problem(error)
    }
    await clock.sleep(HOUR, signal).catch(() => {})
  }
}
