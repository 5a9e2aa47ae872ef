import { expect, it } from 'vitest'
import { isNearZoneChange } from '../../src/domain/zone-change.ts'

const MINUTES = 60_000
const near = (zone: string, at: string) => isNearZoneChange(zone, Date.parse(at), 70 * MINUTES)

it('knows the nights on which the clocks change, and where they never do (W5)', () => {
  expect(near('America/New_York', '2026-11-01T06:00:00Z')).toBe(true)
  expect(near('America/New_York', '2026-11-01T07:05:00Z')).toBe(true)
  expect(near('America/New_York', '2026-11-01T07:15:00Z')).toBe(false)
  expect(near('America/New_York', '2026-11-01T04:45:00Z')).toBe(false)
  expect(near('America/New_York', '2026-03-08T07:00:00Z')).toBe(true)
  expect(near('Pacific/Honolulu', '2026-11-01T06:00:00Z')).toBe(false)
})
