import { sql } from 'kysely'
import type { Blindness } from '../domain/blindness.ts'
import type { Db, Trx } from './database.ts'

/** After so many reads the older ones count half: what was learnt of an account last year is no proof today. */
const REMEMBERED = 2_000

/** What an account's single reads have shown lately (F4). Of an account that is not there: nothing. */
export async function readBlindness(db: Db | Trx, accountId: number): Promise<Blindness> {
  const { rows } = await sql<Blindness>`
    SELECT reread AS read, reread_blind AS blind FROM accounts WHERE account_id = ${accountId}`.execute(db)
  return rows[0] ?? { read: 0, blind: 0 }
}

/** Adds what further reads showed. */
export async function noteRereads(db: Db, accountId: number, { read, blind }: Blindness): Promise<void> {
  if (read === 0) return
  await sql`
    UPDATE accounts SET reread = (reread + ${read}) / share, reread_blind = (reread_blind + ${blind}) / share
    FROM (SELECT CASE WHEN reread + ${read} > ${REMEMBERED} THEN 2 ELSE 1 END AS share
      FROM accounts WHERE account_id = ${accountId}) AS aged
    WHERE account_id = ${accountId}`.execute(db)
}
