import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { StartlistError } from '../../domain/errors.ts'

/** Who the server runs as, when that is not the caller. */
export interface ServerUser {
  uid: number
  gid: number
}

/** Where the embedded database lives, and as whom. */
export interface Place {
  /** Holds all that follows: the home itself, unless the server's user cannot get there. */
  base: string
  data: string
  log: string
  password: string
  /** The port of the last start, tried first at the next. */
  port: string
  /** Held while somebody starts or stops the server. */
  startLock: string
  /** Shared by every process that uses the server. */
  usersLock: string
  /** Null: the caller's own. PostgreSQL refuses to run as root. */
  user: ServerUser | null
}

/** For the data of a home that only root can enter. */
const ROOT_BASE = '/var/lib/startlist'

/** The place of a home that has been used before; null when it has not. Changes nothing. */
export function findPlace(home: string): Place | null {
  const data = stat(join(home, 'postgres'))
  if (!data) return null
  const base = data.isSymbolicLink() ? linkedBase(home) : realpathSync(home)
  if (!base) throw lostData(home)
  return placeAt(base, isRoot() ? serverUser(base) : null)
}

/**
 * Finds or prepares the place of a home. As root the server gets an unprivileged user that exists already: the
 * owner of the home if that is not root, else `postgres`, else `nobody`. Where that user cannot enter the home,
 * as below a /root of mode 0700, the data moves to /var/lib/startlist and a link stands in the home.
 *
 * @param belowRoot where such data goes; tests have another place
 * @throws StartlistError EMBEDDED_FAILED
 */
export function makePlace(home: string, belowRoot: string = ROOT_BASE): Place {
  const made = mkdirSync(home, { recursive: true, mode: isRoot() ? 0o711 : 0o700 })
  const found = findPlace(home)
  if (found) return found
  const real = realpathSync(home)
  if (!isRoot()) return placeAt(real, null)
  if (made !== undefined) handToOwner(real)
  const user = serverUser(real)
  // Others may pass through root's home, not read it; the key and the password in it have mode 0600.
  if (statSync(real).uid === 0) chmodSync(real, statSync(real).mode | 0o011)
  if (canUse('-x', real, user)) return placeAt(real, user)
  return placeAt(placeOutside(real, belowRoot, user), user)
}

/** As root: gives a new file to whoever owns the directory it is in, so that the owner can go on without root. */
export function handToOwner(path: string): void {
  if (!isRoot()) return
  const { uid, gid } = statSync(dirname(path))
  chownSync(path, uid, gid)
}

/** Whether the server's user passes `test FLAG PATH`; asked of the system, which knows its own rules best. */
export function canUse(flag: '-x' | '-r', path: string, user: ServerUser): boolean {
  const asked = spawnSync('/bin/sh', ['-c', `test ${flag} "$1"`, 'sh', path], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
  })
  if (asked.error) {
    throw new StartlistError(
      'EMBEDDED_FAILED',
      `PostgreSQL does not run as root, and root may not start a process as user ${user.uid} here.`,
      {
        cause: asked.error,
        hint: 'Run startlist as another user, or set DATABASE_URL to a PostgreSQL of your own.',
      },
    )
  }
  return asked.status === 0
}

function placeAt(base: string, user: ServerUser | null): Place {
  return {
    base,
    data: join(base, 'postgres'),
    log: join(base, 'postgres.log'),
    password: join(base, 'postgres.password'),
    port: join(base, 'postgres.port'),
    startLock: join(base, 'postgres.start.lock'),
    usersLock: join(base, 'postgres.users.lock'),
    user,
  }
}

/** Named after the home, so that two processes find the same; the link is there before the data is. */
function placeOutside(home: string, parent: string, user: ServerUser): string {
  const base = join(parent, createHash('sha256').update(home).digest('hex').slice(0, 12))
  mkdirSync(base, { recursive: true, mode: 0o711 })
  for (const dir of [parent, base]) {
    if (statSync(dir).uid !== 0)
      throw new StartlistError('EMBEDDED_FAILED', `${dir} belongs to another user than root.`)
    chmodSync(dir, 0o711)
  }
  if (!canUse('-x', base, user)) {
    throw new StartlistError(
      'EMBEDDED_FAILED',
      `The user of the server (uid ${user.uid}) can enter neither ${home} nor ${base}.`,
      {
        hint: 'Set STARTLIST_HOME to a directory below one that every user may enter.',
      },
    )
  }
  try {
    symlinkSync(join(base, 'postgres'), join(home, 'postgres'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return base
}

function linkedBase(home: string): string | null {
  const base = dirname(readlinkSync(join(home, 'postgres')))
  return stat(base) ? base : null
}

function lostData(home: string): StartlistError {
  const link = join(home, 'postgres')
  return new StartlistError(
    'EMBEDDED_FAILED',
    `The data that ${link} points to (${readlinkSync(link)}) is gone.`,
    {
      hint: `Bring it back from a backup, or remove ${link} to begin anew.`,
    },
  )
}

/** As root: the owner of the data, or of a home that is not root's; else a user that every system has. */
function serverUser(base: string): ServerUser {
  for (const path of [join(base, 'postgres'), base]) {
    const found = stat(path)
    if (found && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  }
  return systemUser()
}

function systemUser(): ServerUser {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user: the next one.
    }
  }
  throw new StartlistError(
    'EMBEDDED_FAILED',
    'PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody".',
  )
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function stat(path: string) {
  return lstatSync(path, { throwIfNoEntry: false })
}
