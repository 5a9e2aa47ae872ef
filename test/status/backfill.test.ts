import { expect, it } from 'vitest'
import { backfillOf } from '../../src/status/backfill.ts'

const HOUR = 3_600_000
const race = { isComplete: true, participants: 400, pending: 0, sweep: null }
const account = { calls: 12, spare: 100, readsDetails: true }

it('an account whose races were all read to the end has no backfill, whatever few details a change owes', () => {
  expect(backfillOf([race, { ...race, pending: 49 }], account)).toBeNull()
})

it('counts pages and details of what is left, and says how long they take at the spare calls', () => {
  const sweep = { pages: 4, rows: 100, total: 200, pageSize: 25 }
  const reading = { isComplete: false, participants: 100, pending: 60, sweep }
  expect(backfillOf([race, reading], account)).toEqual({
    ...{ events: 1, unknown: 0, pages: 4, rows: 100, details: 60 },
    // 60 details that are owed, 4 pages and the 100 details of their rows.
    ...{ calls: 12, callsLeft: 164, spare: 100, takes: 1.64 * HOUR },
  })
})

it('a list without a total is of unknown size, and adds nothing to what is known', () => {
  const sweep = { pages: 4, rows: 100, total: null, pageSize: 25 }
  const found = backfillOf([{ isComplete: false, participants: 100, pending: 0, sweep }], account)
  expect(found).toMatchObject({ events: 1, unknown: 1, callsLeft: 0 })
})

it('without a spare call nobody knows how long it takes', () => {
  expect(backfillOf([{ ...race, isComplete: false }], { ...account, spare: 0 })?.takes).toBeNull()
})
