import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { migrate, pendingMigrations } from '../../../src/store/migrate.ts'
import { migrateDown } from '../../../src/store/migrate-down.ts'
import { expectWhole, legacyDatabase } from './database.ts'
import { ask, readersQueries } from './readers.ts'
import { wholeOf } from './there-and-back.ts'
import { PLAIN, VARIANTS, type Variant, variantOf } from './variant.ts'

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
  ...VARIANTS,
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

  it('without a provider of startlist’s is so too, and with a key, defaults and an index of its own', async () => {
    await thereAndBack(
      PLAIN,
      `DELETE FROM partner_provider_credentials WHERE timing_partner_id = 3; DELETE FROM providers WHERE name = 'RunSignUp';
      ALTER TABLE partner_provider_credentials DROP CONSTRAINT partner_provider_credentials_timing_partner_id_provider_id_key;
      CREATE UNIQUE INDEX one_credential ON partner_provider_credentials (provider_id, timing_partner_id);
      CREATE INDEX by_name ON haku_participants (lower(last_name), first_name) WHERE gender = 'F';
      ALTER TABLE haku_participants ADD CONSTRAINT known CHECK (gender IN ('M', 'F', '') OR gender IS NULL);
      COMMENT ON CONSTRAINT haku_events_pkey ON haku_events IS 'as Haku numbers them';
      COMMENT ON INDEX one_credential IS 'one each';
      ALTER TABLE sync_queue ALTER COLUMN sync_queue_id DROP DEFAULT; DROP SEQUENCE sync_queue_sync_queue_id_seq;
      ALTER TABLE providers ENABLE ROW LEVEL SECURITY; CREATE POLICY open ON providers USING (true);
      CREATE VIEW starts AS SELECT start_date FROM haku_events`,
    )
  }, 60_000)

  it.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    'in a combination of seed %i too',
    async (seed) => {
      await thereAndBack(variantOf(seed))
    },
    60_000,
  )
})
