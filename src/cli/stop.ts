import { loadConfig } from '../config.ts'
import { stopEmbedded } from '../store/embedded.ts'
import type { Command } from './cli.ts'
import { stopRuns } from './running.ts'

/** Stops every `run` of this home, then the embedded PostgreSQL, whoever uses it. */
export const stop: Command<object> = async ({ out, clock }) => {
  const config = loadConfig()
  const runs = await stopRuns(config.home, clock)
  if (runs > 0) out.line(runs === 1 ? 'startlist run is stopped.' : `${runs} startlist runs are stopped.`)
  if (config.databaseUrl !== null) {
    out.line('DATABASE_URL is set: that PostgreSQL is not for startlist to stop.')
    out.record({ stopped: false, runs })
    return 0
  }
  // The last run to leave may have stopped it already.
  const stopped = (await stopEmbedded(config.home)) || runs > 0
  out.line(stopped ? 'The embedded PostgreSQL is stopped.' : 'The embedded PostgreSQL was not running.')
  out.record({ stopped, runs })
  return 0
}
