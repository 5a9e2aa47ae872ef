import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { Clock } from '../domain/clock.ts'
import { asDatabaseError } from './database-error.ts'
import type { Database } from './schema.ts'
import { rowTypes } from './types.ts'

export type Db = Kysely<Database>
/** A transaction under way: what it writes is kept whole, or not at all. */
export type Trx = Transaction<Database>

export interface DatabaseOptions {
  /** Connections at most; default 8. */
  max?: number
  /** What `pg_stat_activity` shows; default `startlist`. */
  applicationName?: string
  /** Longest statement in ms, 0 for no limit; default 60 000. */
  statementTimeoutMs?: number
  /** Longest wait for a lock in ms, 0 for no limit; default 15 000. */
  lockTimeoutMs?: number
  /** Longest idle spell inside a transaction in ms, 0 for no limit; default 60 000. */
  idleInTransactionMs?: number
  /** Longest wait for a connection in ms, a free place in the pool included; default 15 000. */
  connectTimeoutMs?: number
  /** A simulation's time: every connection sees its instant as `startlist.clock()` when it is handed out (T1). */
  virtualClock?: Clock
}

/**
 * Opens a pool that connects when first used. Rows come as {@link rowTypes} says: instants as ISO text in UTC
 * with microseconds, bigint as number, numeric as text. Close with `db.destroy()`.
 *
 * @throws StartlistError DATABASE_UNREACHABLE from the first query when no connection can be had; what
 * PostgreSQL refuses later is thrown as `pg` throws it: see {@link asDatabaseError}.
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): Db {
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: openPool(url, options) }) })
}

type Pool = { connect(): Promise<pg.PoolClient>; end(): Promise<void> }

/** The pool under {@link openDatabase}, for what Kysely cannot do (COPY): the same sessions, types and errors. */
export function openPool(url: string, options: DatabaseOptions = {}): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 8,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 15_000,
    keepAlive: true,
    types: rowTypes,
    onConnect: (client) => prepareSession(client, options),
  })
  // A connection that breaks while idle, or between two statements of a transaction, is an event of the client;
  // without a listener it would end the process. The next statement reports it.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const instants = new WeakMap<pg.PoolClient, number>()
  return {
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw asDatabaseError(error, url)
      })
      if (options.virtualClock) await setInstant(client, options.virtualClock.now(), instants)
      return client
    },
    end: () => pool.end(),
  }
}

/**
 * Where a session looks for tables. The first schema exists while an installation is shadowed, and PostgreSQL passes over
 * it otherwise: all processes change over at one commit (ADR 50).
 */
export const SEARCH_PATH = 'startlist_shadow, public'

/** One round trip per new connection. Set here and not in the start-up packet, which poolers refuse. */
async function prepareSession(client: pg.ClientBase, options: DatabaseOptions): Promise<void> {
  const settings: [name: string, value: string][] = [
    ['application_name', options.applicationName ?? 'startlist'],
    // PostgreSQL's own default starts with a schema named after the role; a role called startlist would then find
    // our schema of functions first and make its tables there.
    ['search_path', SEARCH_PATH],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['statement_timeout', String(options.statementTimeoutMs ?? 60_000)],
    ['lock_timeout', String(options.lockTimeoutMs ?? 15_000)],
    ['idle_in_transaction_session_timeout', String(options.idleInTransactionMs ?? 60_000)],
  ]
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`)
  await client.query(`SELECT ${calls.join(', ')}`, settings.flat())
}

async function setInstant(
  client: pg.PoolClient,
  now: number,
  instants: WeakMap<pg.PoolClient, number>,
): Promise<void> {
  if (instants.get(client) === now) return
  try {
    await client.query(`SELECT set_config('startlist.virtual_now', $1, false)`, [new Date(now).toISOString()])
    instants.set(client, now)
  } catch (error) {
    client.release(true)
    throw asDatabaseError(error)
  }
}
