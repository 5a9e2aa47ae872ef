import { FORGOTTEN } from '../domain/personal-data.ts'
import type { Db } from '../store/database.ts'
import { erase, type Registrations, rememberForgotten } from '../store/forgotten.ts'

/**
 * Forgets the person of these registrations, at every timing partner and for good. What the provider says of them from
 * now on is stored without the person.
 */
export async function forgetRegistrations(db: Db, of: Registrations): Promise<void> {
  const eraseAll = () =>
    db.transaction().execute((trx) => erase(trx, of, { columns: FORGOTTEN.columns, strip: FORGOTTEN.raw }))
  await db.transaction().execute((trx) => rememberForgotten(trx, of))
  await eraseAll()
  // A page that was under way, and inserted a row that nobody could lock, began before they were remembered.
  await eraseAll()
}
