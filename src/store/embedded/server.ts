import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartlistError } from '../../domain/errors.ts'
import type { Binaries } from './binaries.ts'
import { handToOwner, type Place } from './place.ts'

/** The server as its own postmaster.pid describes it. */
export interface Postmaster {
  pid: number
  port: number
  status: 'starting' | 'stopping' | 'ready' | 'standby'
}

export interface ServerOptions {
  /** For tests: trades safety at a power cut for speed. Never for data that counts. */
  fast?: boolean
  maxConnections?: number
}

/** Replaying what a crash left can take a while. */
const START_MS = 120_000
const STOP_MS = 60_000
const POLL_MS = 50
const LOG_LIMIT_BYTES = 5_000_000
/** No TZ, PG* or LC_* of the caller's shell reaches the server. */
const ENV = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }

/** The running server, or null. A postmaster.pid that a crash left behind is not a server. */
export function findPostmaster(place: Place): Postmaster | null {
  let lines: string[]
  try {
    lines = readFileSync(join(place.data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return null
  }
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || !isPostmaster(pid, place.data)) return null
  return { pid, port: Number(lines[3]), status: (lines[7]?.trim() || 'starting') as Postmaster['status'] }
}

/** Makes the database files, once. A half-made directory never bears the final name. */
export async function initialise(place: Place, binaries: Binaries, options: ServerOptions): Promise<void> {
  if (existsSync(place.data)) return assertMajor(place, binaries)
  const fresh = `${place.data}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  const passwordFile = `${place.password}.new`
  writeFileSync(passwordFile, passwordOf(place), { mode: 0o600 })
  try {
    if (place.user) for (const path of [fresh, passwordFile]) chownSync(path, place.user.uid, place.user.gid)
    const child = run(place, binaries.initdb, [
      `--pgdata=${fresh}`,
      '--username=startlist',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same order and case mapping on every machine.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(options.fast ? ['--no-sync'] : []),
    ])
    const ended = await ending(child)
    if (ended.failure)
      throw failed(place, `The files of the embedded PostgreSQL could not be made (${ended.failure})`)
    renameSync(fresh, place.data)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Starts the server and waits until it takes connections. It outlives this process, and its terminal's Ctrl-C. */
export async function start(place: Place, binaries: Binaries, options: ServerOptions): Promise<Postmaster> {
  trimLog(place)
  removeReusedPid(place)
  for (let attempt = 1; ; attempt++) {
    // Another program may take the port between our look and the server's.
    const port = await freePort(attempt === 1 ? rememberedPort(place) : 0)
    const child = run(place, binaries.postgres, ['-D', place.data, ...settings(port, options)])
    let ended: string | null = null
    void ending(child).then(({ failure }) => {
      ended = failure ?? 'it ended at once'
    })
    const started = await becomeReady(place, () => ended !== null)
    if (started) {
      writeFileSync(place.port, String(started.port), { mode: 0o600 })
      handToOwner(place.port)
      child.unref()
      return started
    }
    if (attempt === 3) throw failed(place, `The embedded PostgreSQL did not start (${ended})`)
  }
}

/** Waits until the server takes connections; null when it is over before that. */
export async function becomeReady(place: Place, isOver: () => boolean): Promise<Postmaster | null> {
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    const postmaster = findPostmaster(place)
    if (postmaster?.status === 'ready') return postmaster
    if (isOver()) return null
    await sleep(POLL_MS)
  }
  throw failed(place, `The embedded PostgreSQL was not ready after ${START_MS / 1000} s`)
}

/** Asks the server to end: open transactions are rolled back, all that is committed stays. */
export function signalStop(postmaster: Postmaster): void {
  try {
    process.kill(postmaster.pid, 'SIGINT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until the server is gone. */
export async function untilGone(place: Place, postmaster: Postmaster): Promise<void> {
  for (let waited = 0; waited < STOP_MS; waited += POLL_MS) {
    if (!isPostmaster(postmaster.pid, place.data)) return
    await sleep(POLL_MS)
  }
  throw failed(
    place,
    `The embedded PostgreSQL (pid ${postmaster.pid}) did not end within ${STOP_MS / 1000} s`,
  )
}

/** The database's password, made at first use. Call it under the start lock. */
export function passwordOf(place: Place): string {
  try {
    return readFileSync(place.password, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (existsSync(place.data))
      throw new StartlistError('EMBEDDED_FAILED', `${place.password} is gone: the database cannot be opened.`)
    const password = randomBytes(24).toString('base64url')
    writeFileSync(place.password, password, { mode: 0o600, flag: 'wx' })
    handToOwner(place.password)
    return password
  }
}

/** An EMBEDDED_FAILED that names the log. */
export function failed(place: Place, what: string, cause?: unknown): StartlistError {
  return new StartlistError('EMBEDDED_FAILED', `${what}; its log is ${place.log}.`, { cause })
}

function settings(port: number, options: ServerOptions): string[] {
  const values: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 100),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A refused statement quotes its values, and those are people: the log gets the server's own events only.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(options.fast ? FAST : {}),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Runs a program as the server's user, in a session of its own, its output in the log. */
function run(place: Place, program: string, args: string[]): ChildProcess {
  const log = openSync(place.log, 'a', 0o600)
  handToOwner(place.log)
  try {
    return spawn(program, args, {
      ...place.user,
      cwd: '/',
      env: ENV,
      detached: true,
      stdio: ['ignore', log, log],
    })
  } finally {
    closeSync(log)
  }
}

/** How a child ended; `failure` is null after exit code 0. */
function ending(child: ChildProcess): Promise<{ failure: string | null }> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ failure: error.message }))
    child.once('exit', (code, signal) =>
      resolve({ failure: code === 0 ? null : `${signal ?? `exit code ${code}`}` }),
    )
  })
}

/** Whether the process is the server of these files: pids are used again, so its command line is looked at. */
function isPostmaster(pid: number, data: string): boolean {
  try {
    return commandOf(pid).includes(`postgres -D ${data} `)
  } catch {
    return false
  }
}

/** The command line of a process; empty for a zombie. Throws when there is no such process. */
function commandOf(pid: number): string {
  if (existsSync('/proc/self/cmdline'))
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/**
 * After a restart of the machine the pid in postmaster.pid may be another program's, and PostgreSQL would take
 * that for itself and refuse to start. Only then the file is removed: in every other case it lets PostgreSQL
 * find processes that outlived their postmaster.
 */
function removeReusedPid(place: Place): void {
  const file = join(place.data, 'postmaster.pid')
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
    const command = commandOf(pid)
    if (command !== '' && !command.includes('postgres')) rmSync(file)
  } catch {
    // No such file, or no such process: PostgreSQL deals with it.
  }
}

/** @param wish taken if it is free; 0 for any */
function freePort(wish: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => (wish === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wish, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function rememberedPort(place: Place): number {
  try {
    return Number.parseInt(readFileSync(place.port, 'utf8'), 10) || 0
  } catch {
    return 0
  }
}

function trimLog(place: Place): void {
  const size = statSync(place.log, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_LIMIT_BYTES) renameSync(place.log, `${place.log}.1`)
}

function assertMajor(place: Place, binaries: Binaries): void {
  const made = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim()
  const ours = binaries.version.split('.')[0]
  if (made === ours) return
  throw new StartlistError(
    'EMBEDDED_FAILED',
    `${place.data} belongs to PostgreSQL ${made}, and this release brings PostgreSQL ${ours}.`,
    {
      hint: 'Make a backup with the release that made the data, and restore it with this one.',
    },
  )
}
