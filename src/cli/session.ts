import { alertSecrets } from '../config/alerts.ts'
import { type Config, loadConfig } from '../config.ts'
import { StartlistError } from '../domain/errors.ts'
import { registerSecret } from '../observe/scrub.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { embeddedKey } from '../store/embedded/key.ts'
import { assertSchema, migrate } from '../store/migrate.ts'
import type { Services } from '../sync/open-account.ts'
import type { Cli } from './cli.ts'
import type { ExitCode } from './exit.ts'

/** What a command works with: configuration, key and an open database. */
export interface Session extends Services {
  db: Db
  config: Config
  /** Of the database, password included. */
  url: string
}

export interface SessionOptions {
  /** `ready` (default): demand this release's schema. `any`: whatever is there. */
  schema?: 'ready' | 'any'
  /** Database connections at most, by what is configured; default 8. */
  connections?: (config: Config) => number
}

/**
 * Opens what a command needs, runs it, and closes everything again, whatever happened. The embedded database starts
 * at first use and gets its schema by itself, so a newcomer needs no step; one's own is changed by `migrate` alone.
 */
export async function withSession(
  cli: Cli,
  options: SessionOptions,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = loadConfig()
  const key = keyOf(config)
  registerSecret(key)
  const { url, release } = await openServer(config)
  registerSecret(URL.parse(url)?.password ?? '')
  for (const secret of alertSecrets(config.alerts)) registerSecret(secret)
  const max = options.connections?.(config)
  const db = openDatabase(url, max === undefined ? {} : { max })
  try {
    if (options.schema !== 'any') await readySchema(cli, db, config)
    return await work({ db, config, key, url, clock: cli.clock })
  } finally {
    await db.destroy()
    await release()
  }
}

/** The key that opens sealed secrets; the embedded database's is made at first use. */
export function keyOf(config: Config): string {
  if (config.key !== null) return config.key
  if (config.databaseUrl === null) return embeddedKey(config.home)
  throw new StartlistError('KEY_MISSING', 'DATABASE_URL is set and STARTLIST_KEY is not')
}

/** The database's address: one's own, or the embedded one's, started if need be. */
export async function openServer(config: Config): Promise<{ url: string; release(): Promise<void> }> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, release: async () => {} }
  // Not loaded by those who bring their own PostgreSQL.
  const { openEmbedded } = await import('../store/embedded.ts')
  return openEmbedded(config.home)
}

async function readySchema(cli: Cli, db: Db, config: Config): Promise<void> {
  try {
    await assertSchema(db)
  } catch (error) {
    const missing = error instanceof StartlistError && error.code === 'SCHEMA_MISSING'
    if (!missing || config.databaseUrl !== null) throw error
    cli.out.note('Preparing the embedded database ...')
    await migrate(db)
  }
}
