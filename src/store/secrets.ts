import { createHash } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { StartlistError } from '../domain/errors.ts'

const ALGORITHM = 'dir'
const ENCRYPTION = 'A256GCM'
/** The protected header's member that binds a value to its place. */
const CONTEXT = 'sl'

/**
 * Seals a secret as a compact JWE (`dir`, A256GCM).
 *
 * @param key base64 of 32 bytes
 * @param context where the value belongs, such as `credential:12`: it opens nowhere else, so rows cannot be swapped
 */
export async function seal(key: string, context: string, plaintext: string): Promise<string> {
  const bytes = Buffer.from(key, 'base64')
  return await new CompactEncrypt(Buffer.from(plaintext, 'utf8'))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: keyId(key), [CONTEXT]: context })
    .encrypt(bytes)
}

/**
 * Opens what {@link seal} made.
 *
 * @throws StartlistError KEY_WRONG when another key sealed it, DATABASE when it belongs elsewhere or is damaged
 */
export async function open(key: string, context: string, jwe: string): Promise<string> {
  const header = headerOf(jwe)
  if (!header) throw new StartlistError('DATABASE', `The secret of ${context} is not sealed.`)
  if (header.kid !== keyId(key)) {
    throw new StartlistError(
      'KEY_WRONG',
      `The secret of ${context} was sealed with key ${header.kid}, and STARTLIST_KEY is key ${keyId(key)}.`,
    )
  }
  if (header.context !== context) {
    throw new StartlistError(
      'DATABASE',
      `The secret of ${context} belongs to ${header.context}: it was moved by hand.`,
    )
  }
  try {
    const { plaintext } = await compactDecrypt(jwe, Buffer.from(key, 'base64'), {
      keyManagementAlgorithms: [ALGORITHM],
      contentEncryptionAlgorithms: [ENCRYPTION],
    })
    return Buffer.from(plaintext).toString('utf8')
  } catch (cause) {
    throw new StartlistError('DATABASE', `The sealed secret of ${context} is damaged.`, {
      cause,
      hint: 'Set it again: startlist credentials set-secret ID --secret-stdin.',
    })
  }
}

/** Whether a text is one of ours, sealed with whatever key; a legacy secret in plain text is not. */
export function isSealed(text: string): boolean {
  return headerOf(text) !== null
}

/** The id of the key that sealed a value, to find what a rotation has still to do; null when it is not sealed. */
export function sealedWith(text: string): string | null {
  return headerOf(text)?.kid ?? null
}

/** Names a key without telling it: the first 8 bytes of its SHA-256, in hex. */
export function keyId(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16)
}

function headerOf(text: string): { kid: string; context: string } | null {
  if (!/^[\w-]+\.\.[\w-]+\.[\w-]*\.[\w-]+$/.test(text)) return null
  try {
    const header = decodeProtectedHeader(text)
    const context = header[CONTEXT]
    if (header.alg !== ALGORITHM || header.enc !== ENCRYPTION) return null
    return typeof header.kid === 'string' && typeof context === 'string' ? { kid: header.kid, context } : null
  } catch {
    return null
  }
}
