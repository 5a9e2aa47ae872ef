import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { StartlistError } from '../domain/errors.ts'
import { sqlState } from './database-error.ts'
import { findBinaries } from './embedded/binaries.ts'
import { type FileLock, lockFile, shareFile, tryLockFile } from './embedded/lock.ts'
import { findPlace, handToOwner, makePlace, type Place } from './embedded/place.ts'
import {
  becomeReady,
  failed,
  findPostmaster,
  initialise,
  type Postmaster,
  passwordOf,
  type ServerOptions,
  signalStop,
  start,
  untilGone,
} from './embedded/server.ts'

const DATABASE = 'startlist'
/** Longer than a start with crash recovery may take. */
const LOCK_MS = 150_000
const SHUTTING_DOWN_OR_STARTING = '57P03'
const MISSING_DATABASE = '3D000'

export interface EmbeddedOptions extends ServerOptions {
  /** Where the data of a home goes that only root can enter; default `/var/lib/startlist`. */
  belowRoot?: string
}

export interface Embedded {
  /** Of the database; it holds the password. */
  url: string
  /** Leaves the server; the last process to leave stops it. Can be called again. */
  release(): Promise<void>
}

/**
 * Opens the embedded PostgreSQL of a home: starts it, or finds the one that another process started. It listens
 * on 127.0.0.1 only, with a password of its own. A process that ends without `release` leaves too: at exit, or,
 * killed outright, by losing its lock; the next to leave then stops the server.
 *
 * @param home directory, made when it does not exist
 * @throws StartlistError EMBEDDED_FAILED, naming the server's log
 */
export async function openEmbedded(home: string, options: EmbeddedOptions = {}): Promise<Embedded> {
  const place = guard(() => makePlace(home, options.belowRoot))
  const turn = await takeTurn(place)
  try {
    return membership(place, await ensureServer(place, options))
  } catch (error) {
    throw error instanceof StartlistError
      ? error
      : failed(place, `The embedded PostgreSQL failed: ${textOf(error)}`, error)
  } finally {
    turn.release()
  }
}

/**
 * Stops the embedded PostgreSQL of a home, whoever uses it.
 * @returns false when it was not running
 */
export async function stopEmbedded(home: string): Promise<boolean> {
  const place = guard(() => findPlace(home))
  if (!place) return false
  const turn = await takeTurn(place)
  try {
    return await stop(place)
  } finally {
    turn.release()
  }
}

/** What `config` and `doctor` show of a home's server; null when it was never started. Starts nothing. */
export function embeddedStatus(home: string): { url: string; log: string; running: boolean } | null {
  const place = guard(() => findPlace(home))
  if (!place || !existsSync(place.data)) return null
  const postmaster = findPostmaster(place)
  return postmaster
    ? { url: urlOf(place, postmaster), log: place.log, running: true }
    : { url: '', log: place.log, running: false }
}

/** Returns the URL. A server that ends while we connect, told to by a process that is leaving, is started anew. */
async function ensureServer(place: Place, options: ServerOptions): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const url = urlOf(place, await ensureRunning(place, options))
    try {
      await ensureDatabase(place, url)
      return url
    } catch (error) {
      if (attempt === 3 || findPostmaster(place)?.status === 'ready') throw error
    }
  }
}

async function ensureRunning(place: Place, options: ServerOptions): Promise<Postmaster> {
  const found = findPostmaster(place)
  if (found?.status === 'stopping') await untilGone(place, found)
  else if (found) {
    // Its starter was killed half-way, or it has long been up; one that dies while we wait is started anew.
    const ready = await becomeReady(place, () => !findPostmaster(place))
    if (ready) return ready
  }
  const binaries = findBinaries(place)
  await initialise(place, binaries, options)
  return await start(place, binaries, options)
}

async function stop(place: Place): Promise<boolean> {
  const postmaster = findPostmaster(place)
  if (!postmaster) return false
  signalStop(postmaster)
  await untilGone(place, postmaster)
  return true
}

/** Counts this process in. Called and undone under the start lock, so nobody stops what another just opened. */
function membership(place: Place, url: string): Embedded {
  const share = shareFile(place.usersLock)
  if (!share) throw failed(place, 'The embedded PostgreSQL is being stopped')
  handToOwner(place.usersLock)
  const onExit = () => leaveAtExit(place, share)
  process.once('exit', onExit)
  let left: Promise<void> | undefined
  return {
    url,
    release: () => {
      process.off('exit', onExit)
      left ??= leave(place, share)
      return left
    },
  }
}

async function leave(place: Place, share: FileLock): Promise<void> {
  const turn = await takeTurn(place)
  try {
    share.release()
    const alone = tryLockFile(place.usersLock)
    if (!alone) return
    alone.release()
    await stop(place)
  } finally {
    turn.release()
  }
}

/** The same in the last moments of a process, where nothing can be awaited: whoever comes next waits instead. */
function leaveAtExit(place: Place, share: FileLock): void {
  share.release()
  if (!existsSync(place.startLock)) return
  const turn = tryLockFile(place.startLock, 2_000)
  if (!turn) return
  const postmaster = findPostmaster(place)
  const alone = postmaster && tryLockFile(place.usersLock)
  if (postmaster && alone) signalStop(postmaster)
}

async function takeTurn(place: Place): Promise<FileLock> {
  const turn = await lockFile(place.startLock, LOCK_MS).catch((error: unknown) => {
    throw failed(place, `${place.startLock} cannot be used: ${textOf(error)}`, error)
  })
  if (!turn)
    throw failed(place, 'Another process has been starting or stopping the embedded PostgreSQL for too long')
  handToOwner(place.startLock)
  return turn
}

/** The database itself is made after the server, so a crash between the two is made good here. */
async function ensureDatabase(place: Place, url: string): Promise<void> {
  const state = await tryConnect(place, url)
  if (state === null) return
  if (state !== MISSING_DATABASE)
    throw failed(place, `The embedded PostgreSQL refuses its own password (SQLSTATE ${state})`)
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/** Null after a connection was made, else the SQLSTATE of the refusal. */
async function tryConnect(place: Place, url: string): Promise<string | null> {
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
    try {
      await client.connect()
      await client.end()
      return null
    } catch (error) {
      const state = sqlState(error)
      if (state === null) throw error
      const waits = state === SHUTTING_DOWN_OR_STARTING && findPostmaster(place)?.status === 'ready'
      if (!waits || attempt === 100) return state
      await sleep(100)
    }
  }
}

function urlOf(place: Place, postmaster: Postmaster): string {
  return `postgres://startlist:${passwordOf(place)}@127.0.0.1:${postmaster.port}/${DATABASE}`
}

/** Files that belong to somebody else, a full disk: still an error that says what to do. */
function guard<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof StartlistError) throw error
    throw new StartlistError(
      'EMBEDDED_FAILED',
      `The embedded PostgreSQL's files cannot be used: ${textOf(error)}`,
      { cause: error },
    )
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
