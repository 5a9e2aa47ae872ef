import { describe, expect, it } from 'vitest'
import { judgeBackfills } from '../../src/alerts/rules/backfill-stalled.ts'
import { judgeCredentials } from '../../src/alerts/rules/credential-refused.ts'
import { judgePulse } from '../../src/alerts/rules/no-poll.ts'
import { judgeForecasts } from '../../src/alerts/rules/overload-ahead.ts'
import { judgeOverdue } from '../../src/alerts/rules/race-late.ts'

const NOW = Date.parse('2026-05-02T11:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('rules', () => {
  it('late races are one alert for an account, with the first three by name', () => {
    const races = ['a', 'b', 'c', 'd'].map((eventId, i) => ({
      accountId: eventId === 'd' ? 2 : 1,
      eventId,
      name: `Race ${eventId}`,
      dueAt: NOW - (9 - i) * MINUTE,
    }))
    const alerts = judgeOverdue([...races, { accountId: 1, eventId: 'e', name: 'Race e', dueAt: NOW }])
    expect(alerts.map(({ key }) => key)).toEqual(['race-late:1', 'race-late:2'])
    expect(alerts[0]?.message).toMatch(
      /Race a \(due 2026-05-02 10:51 UTC\), Race b .*, Race c .* and 1 more$/,
    )
  })

  it('no poll at all is silence while something is due, for a quarter of an hour', () => {
    const called = (overdue: number | null, last: number | null) =>
      judgePulse(
        { overdueSince: overdue && NOW - overdue * MINUTE, lastPassAt: last && NOW - last * MINUTE },
        NOW,
      ).length
    expect(called(16, 20)).toBe(1)
    expect(called(16, null)).toBe(1)
    expect(called(16, 14)).toBe(0)
    expect(called(14, 240)).toBe(0)
    expect(called(null, 240)).toBe(0)
  })

  it('a backfill has stalled when nothing moved for six hours, not when it began to wait', () => {
    const called = (waiting: number, moved: number | null) =>
      judgeBackfills(
        [
          {
            accountId: 1,
            events: 3,
            waitingSince: NOW - waiting * HOUR,
            movedAt: moved && NOW - moved * HOUR,
          },
        ],
        NOW,
      ).length
    expect(called(7, null)).toBe(1)
    expect(called(7, 6)).toBe(1)
    expect(called(7, 5)).toBe(0)
    expect(called(5, null)).toBe(0)
  })

  it('an overload is told with its worst hour', () => {
    const common = { accountId: 4, limit: 500, capacity: 445, hours: [], late: [], rounds: [], unknown: [] }
    const peak = { from: NOW, to: NOW + HOUR, polls: 600 }
    expect(judgeForecasts([{ ...common, fits: true, peak }])).toEqual([])
    expect(judgeForecasts([{ ...common, fits: false, peak }])[0]?.message).toContain(
      '600 calls in the hour from 2026-05-02 11:00 UTC, of 445',
    )
  })

  it('a refused credential is told by its number, never by its client id', () => {
    const credential = {
      ...{
        credentialId: 5,
        partnerId: 3,
        partner: 'Alder Timing',
        organization: 'Lantern Bay',
        provider: 'haku' as const,
      },
      ...{
        clientId: 'c1ie47',
        accountId: 1,
        why: null,
        hasSecret: true,
        shared: false,
        events: 2,
        lastSuccess: null,
      },
    }
    expect(
      judgeCredentials([
        { ...credential, state: 'Ready' },
        { ...credential, state: 'Paused' },
      ]),
    ).toEqual([])
    const alerts = judgeCredentials([{ ...credential, state: 'Refused' }])
    expect(alerts).toMatchObject([{ key: 'credential-refused:5' }])
    expect(JSON.stringify(alerts)).not.toContain('c1ie47')
  })
})
