import { readFileSync, statSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { StartlistError } from '../domain/errors.ts'
import { registerSecret } from '../observe/scrub.ts'

/** Where a secret comes from. Never an argument: every user of the machine can read those. */
export interface SecretOptions {
  secretStdin?: boolean
  secretFile?: string
}

const LONGEST = 4_096
const LARGEST_FILE = 1_000_000

/**
 * Reads a secret from standard input, from a file that others cannot read, or, at a terminal, hidden.
 * @throws StartlistError `BAD_INPUT`, without quoting what was read
 */
export async function readSecret(options: SecretOptions): Promise<string> {
  const { secretStdin, secretFile } = options
  if (secretStdin && secretFile !== undefined)
    throw new StartlistError('USAGE', 'give --secret-stdin or --secret-file, not both')
  if (secretFile !== undefined) return accept(readPrivateFile(secretFile))
  if (process.stdin.isTTY) {
    const { askHidden } = await import('./prompt.ts')
    return accept(await askHidden('Secret (not shown): '))
  }
  if (!secretStdin) {
    throw new StartlistError('USAGE', 'the secret is missing', {
      hint: 'Pipe it in with --secret-stdin, or name a file of mode 0600 with --secret-file.',
    })
  }
  return accept(await readAll(process.stdin))
}

/** The secret without the line end that `echo` and editors add. */
function accept(text: string): string {
  const secret = text.replace(/\r?\n$/, '')
  if (secret.trim() === '') throw new StartlistError('BAD_INPUT', 'the secret is empty')
  if (secret.length > LONGEST || /[\r\n\0]/.test(secret))
    throw new StartlistError('BAD_INPUT', 'the secret has to be a single line')
  registerSecret(secret)
  return secret
}

/**
 * Reads a file with secrets in it.
 * @throws StartlistError BAD_INPUT when others may read it as well, or it is too large to be meant
 */
export function readPrivateFile(path: string): string {
  try {
    const { mode, size } = statSync(path)
    if (size > LARGEST_FILE) throw new StartlistError('BAD_INPUT', `${path} is larger than 1 MB`)
    if ((mode & 0o077) !== 0) {
      throw new StartlistError('BAD_INPUT', `${path} can be read by others`, { hint: `chmod 600 ${path}` })
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof StartlistError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StartlistError('BAD_INPUT', `${path} cannot be read (${code})`, { cause: error })
  }
}
