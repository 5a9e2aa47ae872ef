import { afterEach, describe, it } from 'vitest'
import { stopRace } from './crash/race.ts'
import { FAULT_NAMES, type PlaceName, suffer } from './crash/suffer.ts'

afterEach(stopRace)

const PLACES: readonly PlaceName[] = ['page 1', 'a middle page', 'events']

// Promises 2 and 7; defects 2, 3, 7, 10, 38, 51. What is expected stands in `suffer`.
describe('a fault in a list, once and for ever, loses nobody, removes nobody and tells nothing', () => {
  it.each(FAULT_NAMES)('%s', async (name) => suffer(name, PLACES))
})
