import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
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
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`)
    // What is sealed with a key that a power cut took away is lost.
    fsyncSync(file)
    handToOwner(draft)
    // Unlike a rename, a link never replaces the key that another process has just made.
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    closeSync(file)
    rmSync(draft, { force: true })
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException)?.code ?? String(error)
}
