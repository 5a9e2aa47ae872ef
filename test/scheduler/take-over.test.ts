import { expect, it } from 'vitest'
import { testDatabase } from '../helpers/database.ts'
import { watchTakeOver } from './take-over.ts'

it('of two processes one is killed at a call: the other goes on within 25 s, and nothing is lost (N3)', async () => {
  const { url, db } = await testDatabase()
  const { tookMs, calls } = await watchTakeOver({ url, db, seed: 5, forMs: 45_000 })
  expect(tookMs).toBeLessThan(25_000)
  expect(calls).toBeGreaterThan(5)
}, 120_000)
