import type { Db } from '../../../src/store/database.ts'
import { testDatabase } from '../../helpers/database.ts'
import { expectShape, makeLegacy } from './model.ts'
import type { Variant } from './variant.ts'

/** A legacy database of a variant, for one test. */
export async function legacyDatabase(v: Variant): Promise<{ db: Db; url: string }> {
  const database = await testDatabase({ empty: true })
  await makeLegacy(database.db, v)
  return database
}

let fresh: Db | undefined

/** Fails unless the schema is, name by name, at least what an empty database would have got. */
export async function expectWhole(db: Db): Promise<void> {
  fresh ??= (await testDatabase()).db
  await expectShape(db, fresh)
}
