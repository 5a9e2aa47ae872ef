import { expect, it } from 'vitest'
import { probeDelay } from '../../src/scheduler/breaker.ts'

const MINUTE = 60_000

it('does not open for one failure, then probes ever more rarely', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 30].map((outages) => probeDelay(outages, false))
  expect(delays).toEqual([0, 15_000, 30_000, MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE])
})

it('probes at least every 2 minutes when a race starts within 4 hours', () => {
  expect(Math.max(...[2, 5, 10, 1_000].map((outages) => probeDelay(outages, true)))).toBe(2 * MINUTE)
})
