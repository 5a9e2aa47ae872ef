import { readOwnerFacts, readStatus } from '../status/read.ts'
import type { Cli, Command } from './cli.ts'
import { type Session, withSession } from './session.ts'
import { recordStatus } from './status/records.ts'
import { tellStatus } from './status/view.ts'

/** `status`: how it stands in one line, what needs a person, a line a race, and what every account spent this hour. */
export const status: Command<{ partner?: string }> = (cli) =>
  withSession(cli, {}, async (session) => {
    await showStatus(cli, session)
    return 0
  })

/** The status itself, for `setup` as well. */
export async function showStatus(cli: Cli, session: Session): Promise<void> {
  const found = await readStatus(session, await readOwnerFacts(session.db, cli.clock.now()))
  recordStatus(cli, found)
  tellStatus(cli, found)
}
