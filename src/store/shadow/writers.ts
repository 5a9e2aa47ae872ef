import { sql } from 'kysely'
import type { Trx } from '../database.ts'

/**
 * Until the commit no page is written and nobody gives bibs: a page that is under way holds its lane's row (D1), and
 * whoever writes a row without a lane its feed (D4). Both end in the tables that they began in.
 */
export async function awaitWriters(trx: Trx): Promise<void> {
  // A million registrations take longer than a statement may otherwise.
  await sql`SET LOCAL statement_timeout = 0`.execute(trx)
  await sql`LOCK TABLE lanes IN EXCLUSIVE MODE`.execute(trx)
  await sql`LOCK TABLE partner_sync IN EXCLUSIVE MODE`.execute(trx)
}
