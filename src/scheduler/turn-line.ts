import type { StartlistError } from '../domain/errors.ts'
import type { TurnOutcome } from './turn.ts'

/** A turn as a log line shows it (N5): ids of accounts, counts and codes; nothing of a person or a secret. */
export interface TurnLine {
  level: 'debug' | 'info' | 'warn'
  message: string
  fields: Record<string, unknown>
}

/** The log line of a turn. One that had nothing to do, or gave way to another process, is a matter for debugging. */
export function turnLine({ accountId, next, error, late, ...counts }: TurnOutcome): TurnLine {
  const fields = {
    accountId,
    ...counts,
    late: late.length,
    next: next === null ? null : new Date(next).toISOString(),
    ...(error === null ? {} : { err: error }),
  }
  if (error !== null && !gaveWay(error)) {
    // Quota and throttles are the provider's rules at work, not a fault.
    const level = error.class === 'rate_limited' ? 'info' : 'warn'
    return { level, message: 'turn stopped', fields }
  }
  return { level: counts.calls === 0 ? 'debug' : 'info', message: 'turn', fields }
}

function gaveWay({ code }: StartlistError): boolean {
  return code === 'LANE_BUSY' || code === 'INTERRUPTED' || code === 'FENCED'
}
