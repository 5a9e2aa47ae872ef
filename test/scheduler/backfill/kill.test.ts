import { expect, it } from 'vitest'
import { sufferBackfillKills } from './suffer-kills.ts'

it('ten kills, of the process and of the database server, lose nobody and ask for little twice (W3, W4, D1)', {
  timeout: 600_000,
}, async () => {
  const kills = 10
  const suffered = await sufferBackfillKills(1, kills)
  expect(suffered).toMatchObject({ ends: [0], gaps: [], wrong: [], feed: [] })
  expect(suffered.process + suffered.database).toBe(kills)
  expect(suffered.database).toBeGreaterThan(0)
  expect(suffered.askedTwice).toBeLessThanOrEqual(2 * kills)
})
