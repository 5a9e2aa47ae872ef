import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { migrate, pendingMigrations } from '../../../src/store/migrate.ts'
import { migrateDown } from '../../../src/store/migrate-down.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { ask, readersQueries } from './readers.ts'
import { wholeOf } from './there-and-back.ts'
import { PLAIN, type Variant, variantOf } from './variant.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')

/** Adopts, goes back, and looks whether anything of it can still be seen; then once more. */
async function thereAndBack(v: Variant, prepare?: string): Promise<void> {
  const { db } = await legacyDatabase(v)
  if (prepare !== undefined) await sql.raw(prepare).execute(db)
  const before = await wholeOf(db)
  const answers = await ask(db, readersQueries(v))
  for (const _ of [1, 2]) {
    await migrate(db)
    await expectWhole(db)
    await migrateDown(db, { key: KEY, accept: new Set() })
    expect(await wholeOf(db)).toEqual(before)
    expect(await ask(db, readersQueries(v))).toEqual(answers)
  }
  expect((await pendingMigrations(db)).length).toBeGreaterThan(8)
}

const CASES: [name: string, variant: Partial<Variant>][] = [
  ['as most scripts have it', {}],
  ['with the other names of partners and providers', { otherNames: true }],
  ['with event_status and a text for a distance', { eventStatus: true, textDistance: true }],
  ['with the constraint that was added by hand', { constraint: true }],
  ['with provider ids in another order', { providers: ['Haku', 'Copernico', 'RunSignUp'] }],
  ['with sequences that lag', { lagging: true }],
  ['without views', { views: 'none' }],
  ['with views over other providers', { views: 'others' }],
  ['without RunSignUp', { runsignup: false }],
  ['with events of nobody', { nameless: true }],
  ['with events of nobody and the constraint', { nameless: true, constraint: true }],
  ['with registrations that are there several times', { doubled: true }],
  ['with participants of a partner that lacks the event', { lacking: true }],
  ['without a foreign key, and participants of events that nobody has', { orphans: true, lacking: true }],
  ['with credentials that are there twice', { oneCredential: false }],
]

describe('a legacy database that was adopted', () => {
  it.each(CASES)(
    '%s is as it was after the way back, twice',
    async (_, variant) => {
      await thereAndBack({ ...PLAIN, ...variant })
    },
    60_000,
  )

  it.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    'in a combination of seed %i too',
    async (seed) => {
      await thereAndBack(variantOf(seed))
    },
    60_000,
  )
})
