import { loadConfig } from '../config.ts'
import { stopEmbedded } from '../store/embedded.ts'
import type { Command } from './cli.ts'

/** Stops the embedded PostgreSQL, whoever uses it. */
export const stop: Command<object> = async ({ out }) => {
  const config = loadConfig()
  if (config.databaseUrl !== null) {
    out.line('DATABASE_URL is set: that PostgreSQL is not for startlist to stop.')
    out.record({ stopped: false })
    return 0
  }
  const stopped = await stopEmbedded(config.home)
  out.line(stopped ? 'The embedded PostgreSQL is stopped.' : 'The embedded PostgreSQL was not running.')
  out.record({ stopped })
  return 0
}
