import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartlistError } from '../../domain/errors.ts'
import { handToOwner } from './place.ts'

const KEY_FILE = 'key'
const KEY_BYTES = 32

/** Whether the text is base64 of a key's 32 bytes. */
function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === KEY_BYTES
}

/**
 * The key of an embedded database, made at first use: the file `key` in the home, mode 0600. Two processes that
 * come first at the same moment get the same key, and a crash leaves the whole file or none.
 *
 * @throws StartlistError CONFIG_INVALID when the file holds something else, or cannot be read or made
 */
export function embeddedKey(home: string): string {
  const path = join(home, KEY_FILE)
  try {
    if (!existsSync(path)) makeKey(home, path)
    const key = readFileSync(path, 'utf8').trim()
    if (isKey(key)) return key
  } catch (error) {
    throw new StartlistError('CONFIG_INVALID', `The key file ${path} cannot be used (${codeOf(error)}).`, {
      cause: error,
    })
  }
  throw new StartlistError(
    'CONFIG_INVALID',
    `The key file ${path} does not hold base64 of ${KEY_BYTES} bytes.`,
  )
}

function makeKey(home: string, path: string): void {
  mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const draft = writeDraft(path, randomBytes(KEY_BYTES).toString('base64'))
  try {
    // Unlike a rename, a link never replaces the key that another process has just made.
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Puts a new key in the place of an embedded database's, whole or not at all. @returns where the old one is kept */
export function replaceEmbeddedKey(home: string, key: string): string {
  const path = join(home, KEY_FILE)
  const kept = `${path}.old`
  if (embeddedKey(home) === key) return kept
  const draft = writeDraft(path, key)
  rmSync(kept, { force: true })
  linkSync(path, kept)
  renameSync(draft, path)
  return kept
}

/**
 * Writes a key to a file of mode 0600; one that holds it already is left alone.
 * @throws StartlistError BAD_INPUT when the file exists and holds something else, or cannot be made
 */
export function writeKeyFile(path: string, key: string): void {
  const draft = attempt(path, () => writeDraft(path, key))
  try {
    attempt(path, () => linkSync(draft, path))
  } catch (error) {
    if (!existsSync(path) || readFileSync(path, 'utf8').trim() !== key) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new StartlistError('BAD_INPUT', `${path} cannot be made (${codeOf(error)})`, { cause: error })
  }
}

/** A file beside `path`, on disk when this returns: what is sealed with a key that a power cut took away is lost. */
function writeDraft(path: string, key: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${key}\n`)
    fsyncSync(file)
    handToOwner(draft)
  } finally {
    closeSync(file)
  }
  return draft
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException)?.code ?? String(error)
}
