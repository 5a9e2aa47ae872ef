import { afterEach, describe, expect, it } from 'vitest'
import { CallBudget } from '../../../src/scheduler/backfill/budget.ts'
import { testDatabase } from '../../helpers/database.ts'
import { type Scene, type SceneOptions, sceneClock, setScene } from './scene.ts'

let open: Scene | undefined
afterEach(async () => {
  await open?.installation.stop()
  open = undefined
})

async function scene(options: SceneOptions): Promise<Scene> {
  const clock = sceneClock()
  const { db } = await testDatabase({ virtualClock: clock })
  open = await setScene(db, clock, options)
  return open
}

const whole = { registrationsList: 'whole' } as const

/** The original's first case: 220 participants in 26 events. */
const SIZES_26 = [3, 12, 7, 25, 1, 9, 4, 15, 2, 8, 6, 11, 5, 14, 3, 10, 7, 9, 13, 2, 8, 6, 12, 4, 16, 8]
/** Its second: 26 small events among 17 of 400. */
const sizes43 = (large: number): number[] =>
  Array.from({ length: 43 }, (_, i) => ((i * 17) % 43 < 17 ? large : 2 + (i % 9)))

describe('the cases of the original', () => {
  it('26 events with 220 participants: a list call and its proof each, and a detail a person', {
    timeout: 120_000,
  }, async () => {
    expect(SIZES_26.reduce((sum, n) => sum + n)).toBe(220)
    const s = await scene({ sizes: SIZES_26 })
    const { tally, left } = await s.backfill()
    const counts = tally.counts()
    expect(counts.lowerBound).toBe(26 + 220)
    expect(counts.byPurpose).toMatchObject({ detail: 220 })
    expect((counts.byPurpose.list ?? 0) + 220 - counts.endProofs).toBeLessThanOrEqual(
      1.02 * counts.lowerBound,
    )
    expect(counts.endProofs).toBeLessThanOrEqual(26)
    expect(counts.calls).toBe(s.installation.haku.calls.last)
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })

  it('43 events, 17 of 400: small ones first, whatever they are called', { timeout: 300_000 }, async () => {
    const sizes = sizes43(400)
    expect(sizes.filter((n) => n === 400).length).toBe(17)
    const s = await scene({ sizes, traits: whole })
    const { tally, left } = await s.backfill()
    const counts = tally.counts()
    expect(counts.lowerBound).toBe(26 + 17 * 4)
    expect((counts.byPurpose.list ?? 0) - counts.endProofs).toBeLessThanOrEqual(1.02 * counts.lowerBound)
    expect(counts.endProofs).toBeLessThanOrEqual(43)
    const order = tally.finished.map((id) => sizes[s.eventIds.indexOf(id)] ?? 0)
    expect(order.slice(0, 26).every((n) => n < 400)).toBe(true)
    expect(left).toEqual([])
    expect(await s.wrong()).toEqual([])
  })
})

describe('a backfill', () => {
  it('has the first names after four calls: token, events and their end, a list', async () => {
    const s = await scene({ sizes: [30, 30, 30] })
    const { atLimit } = await s.backfill({ budget: new CallBudget(4) })
    expect(atLimit).toBe(true)
    expect(await s.rows()).toBe(30)
  })
})
