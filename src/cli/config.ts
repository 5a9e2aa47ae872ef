import { type Config, loadConfig, maskedConfig, maskUrl } from '../config.ts'
import type { Cli, Command } from './cli.ts'
import { type ExitCode, exitOf } from './exit.ts'
import { openServer } from './session.ts'

/** Shows what is in force, secrets masked, with the embedded database's address. */
export const config: Command<object> = async (cli) => {
  const { out } = cli
  const inForce = loadConfig()
  const { url, code } = await addressOf(cli, inForce)
  const shown = { ...maskedConfig(inForce), DATABASE_URL: url }
  out.record({ ...shown, embedded: inForce.databaseUrl === null })
  out.table(
    [{ head: 'Variable' }, { head: 'Value' }],
    Object.entries(shown).map(([name, value]) => [name, value === null ? absent(name) : String(value)]),
  )
  if (inForce.databaseUrl === null) {
    out.line()
    out.line('The database is the embedded PostgreSQL; it runs while a startlist process uses it.')
  }
  return code
}

/** A database that cannot be started must not hide the rest of the configuration. */
async function addressOf(cli: Cli, inForce: Config): Promise<{ url: string | null; code: ExitCode }> {
  try {
    const server = await openServer(inForce)
    await server.release()
    return { url: maskUrl(server.url), code: 0 }
  } catch (error) {
    cli.out.problem(error)
    return { url: null, code: exitOf(error) }
  }
}

function absent(name: string): string {
  return name === 'STARTLIST_KEY' ? '(the file "key" in STARTLIST_HOME, made at first use)' : '(none)'
}
