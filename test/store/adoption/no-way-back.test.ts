import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { migrateDown, planMigrateDown } from '../../../src/store/migrate-down.ts'
import { testDatabase } from '../../helpers/database.ts'
import { adoptedDatabase, legacyDatabase } from './database.ts'
import { PLAIN } from './variant.ts'

const OPTIONS = { key: Buffer.alloc(32, 5).toString('base64'), accept: new Set<never>() }

describe('there is no way back', () => {
  it('from a database that startlist made', async () => {
    const { db } = await testDatabase()
    await expect(migrateDown(db, OPTIONS)).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      message: expect.stringMatching(/never adopted/),
      hint: expect.stringMatching(/nothing to go back to/),
    })
  })

  it('from an adoption by a release that recorded nothing, be it that this one ended it', async () => {
    const { db } = await legacyDatabase(PLAIN)
    const stop = new Error('enough')
    await migrate(db, {
      onUnit: (step) => {
        if (step === '0000_adopt_3_keys') throw stop
      },
    }).catch(() => {})
    await sql`DROP TABLE startlist.adopted_shape, startlist.adopted_rows`.execute(db)
    await sql`DELETE FROM startlist.migrations WHERE name LIKE '%record'`.execute(db)
    await migrate(db)
    await expect(migrateDown(db, OPTIONS)).rejects.toMatchObject({
      code: 'NO_WAY_BACK',
      message: expect.stringMatching(/kept no record/),
      hint: expect.stringMatching(/Restore the dump from before/),
    })
  })

  it('from an adoption that is not at its end, or was carried on by a later release', async () => {
    const { db } = await adoptedDatabase()
    await sql`INSERT INTO startlist.migrations VALUES ('9999_later', 'now')`.execute(db)
    await expect(migrateDown(db, OPTIONS)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' })
    await sql`DELETE FROM startlist.migrations WHERE name IN ('9999_later', '0014_bibs')`.execute(db)
    await expect(migrateDown(db, OPTIONS)).rejects.toMatchObject({ code: 'SCHEMA_MISSING' })
  })

  it('for a role that does not own the tables', async () => {
    const { db } = await adoptedDatabase()
    const { rows } = await sql<{ role: string }>`SELECT 'stranger_' || current_database() AS role`.execute(db)
    const role = rows[0]!.role
    await sql.raw(`CREATE ROLE ${role}; GRANT pg_read_all_data TO ${role}`).execute(db)
    const plan = await db.connection().execute(async (connection) => {
      await sql.raw(`SET ROLE ${role}`).execute(connection)
      const found = await planMigrateDown(connection as Db, OPTIONS)
      await sql`RESET ROLE`.execute(connection)
      return found
    })
    expect(plan.notOwned).toEqual(expect.arrayContaining(['haku_events', 'sync_state']))
    await sql.raw(`DROP OWNED BY ${role}; DROP ROLE ${role}`).execute(db)
  })
})
