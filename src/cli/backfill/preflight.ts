import { assertWritable } from '../../store/overview/writable.ts'
import { participantTable } from '../../store/participants/table.ts'
import { usable } from '../../sync/secrets.ts'
import type { ChosenAccount } from '../accounts.ts'
import type { Session } from '../session.ts'

/**
 * Asks, before the first call, for all that would make calls worthless: the schema is the session's to ask for; then the
 * key that rows are merged by, the right to write, and secrets that open.
 * @throws StartlistError that names what is missing
 */
export async function prepare(session: Session, accounts: readonly ChosenAccount[]): Promise<void> {
  for (const provider of new Set(accounts.map((account) => account.provider)))
    await assertWritable(session.db, participantTable(provider))
  for (const { accountId } of accounts) await usable(session, accountId)
}
