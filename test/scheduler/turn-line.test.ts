import { expect, it } from 'vitest'
import { type ErrorCode, StartlistError } from '../../src/domain/errors.ts'
import type { TurnOutcome } from '../../src/scheduler/turn.ts'
import { turnLine } from '../../src/scheduler/turn-line.ts'

const NEXT = Date.parse('2026-05-01T16:00:30Z')

function outcome(changes: Partial<TurnOutcome> = {}): TurnOutcome {
  const counts = {
    late: [60_000],
    calls: 3,
    polls: 3,
    details: 0,
    sweeps: 0,
    discoveries: 0,
    audits: 0,
    rows: 2,
    events: 3,
    ms: 812,
  }
  return { accountId: 1, next: NEXT, why: 'next poll', error: null, ...counts, ...changes }
}

it('tells counts, the next instant and why', () => {
  expect(turnLine(outcome())).toEqual({
    level: 'info',
    message: 'turn',
    fields: expect.objectContaining({
      accountId: 1,
      polls: 3,
      rows: 2,
      late: 1,
      why: 'next poll',
      next: '2026-05-01T16:00:30.000Z',
    }),
  })
  expect(turnLine(outcome({ next: null })).fields).toMatchObject({ next: null })
})

it('is quiet about a turn without a call', () => {
  expect(turnLine(outcome({ calls: 0 })).level).toBe('debug')
})

it.each<[code: ErrorCode, level: string, message: string]>([
  ['PROVIDER_DOWN', 'warn', 'turn stopped'],
  ['CREDENTIAL_REFUSED', 'warn', 'turn stopped'],
  ['QUOTA_SPENT', 'info', 'turn stopped'],
  ['LANE_BUSY', 'debug', 'turn'],
  ['INTERRUPTED', 'debug', 'turn'],
])('says %s at level %s', (code, level, message) => {
  const line = turnLine(outcome({ calls: 0, error: new StartlistError(code, 'said') }))
  expect(line).toMatchObject({ level, message, fields: { err: { code } } })
})
