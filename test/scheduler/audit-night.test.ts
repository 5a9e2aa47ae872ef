import { describe, expect, it } from 'vitest'
import { auditNight, nightBudget } from '../../src/scheduler/audit-night.ts'

const night = (zone: string | null, now: string) => {
  const { from, to } = auditNight([zone], Date.parse(now))
  return [new Date(from).toISOString(), new Date(to).toISOString()]
}

describe('the night of an audit', () => {
  it('is the one that goes on, else the next, where the timing partner is', () => {
    const first = ['2026-06-10T05:00:00.000Z', '2026-06-10T08:00:00.000Z']
    expect(night('America/New_York', '2026-06-10T07:59:59Z')).toEqual(first)
    expect(night('America/New_York', '2026-06-09T20:00:00Z')).toEqual(first)
    expect(night('America/New_York', '2026-06-10T08:00:00Z')).toEqual([
      '2026-06-11T05:00:00.000Z',
      '2026-06-11T08:00:00.000Z',
    ])
    expect(night('Pacific/Honolulu', '2026-06-10T08:00:00Z')[0]).toBe('2026-06-10T11:00:00.000Z')
  })

  it('is New York’s where no zone is known', () => {
    expect(night(null, '2026-06-10T01:00:00Z')[0]).toBe('2026-06-10T05:00:00.000Z')
    expect(night('Not/AZone', '2026-06-10T01:00:00Z')[0]).toBe('2026-06-10T05:00:00.000Z')
  })

  it('may take what upkeep has of its hours', () => {
    expect(nightBudget({ perHour: 500, minSpacingMs: 0 }, null)).toBe(75)
    expect(nightBudget({ perHour: 500, minSpacingMs: 0 }, 100)).toBe(15)
  })
})
