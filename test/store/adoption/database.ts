import type { Db } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { type TestDatabase, testDatabase } from '../../helpers/database.ts'
import { expectShape, makeLegacy } from './model.ts'
import { PLAIN, type Variant } from './variant.ts'

/** A legacy database of a variant, for one test. */
export async function legacyDatabase(v: Variant): Promise<TestDatabase> {
  const database = await testDatabase({ empty: true })
  await makeLegacy(database.db, v)
  return database
}

const adopted = new Map<string, Promise<TestDatabase>>()

/** An adopted database of a variant, for one test. It is adopted once for a file of tests, and copied. */
export async function adoptedDatabase(variant: Partial<Variant> = {}): Promise<TestDatabase> {
  const key = JSON.stringify(variant)
  const made = adopted.get(key) ?? adopt({ ...PLAIN, ...variant })
  adopted.set(key, made)
  return testDatabase({ from: await made })
}

async function adopt(v: Variant): Promise<TestDatabase> {
  const database = await legacyDatabase(v)
  await migrate(database.db)
  return database
}

let fresh: Db | undefined

/** Fails unless the schema is, name by name, at least what an empty database would have got. */
export async function expectWhole(db: Db): Promise<void> {
  fresh ??= (await testDatabase()).db
  await expectShape(db, fresh)
}
