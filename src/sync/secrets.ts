import { StartlistError } from '../domain/errors.ts'
import { registerSecret } from '../observe/scrub.ts'
import { readToken, saveToken, withTokenLock } from '../store/accounts.ts'
import { type Credential, listCredentials } from '../store/credentials.ts'
import type { Db } from '../store/database.ts'
import { openStored } from '../store/key-rotation.ts'
import { isSealed, seal } from '../store/secrets.ts'

/** What opens and keeps secrets. */
interface Vault {
  db: Db
  /** base64 of 32 bytes */
  key: string
}

/** A credential and its opened secret. Never leaves the process, and no log shows it. */
export interface Candidate {
  credential: Credential
  secret: string
}

/** May this credential's partner receive the account's events (S1)? */
export function isReceiver(credential: Credential): boolean {
  return credential.state === 'Ready' && credential.provenAt !== null
}

/** Credentials that may be asked with: not refused, not paused, and with a secret. */
export async function usable(services: Vault, accountId: number): Promise<Candidate[]> {
  const all = await listCredentials(services.db, { accountId })
  const asked = all.filter((c) => (c.state === 'Ready' || c.state === 'Untested') && c.secret !== null)
  return Promise.all(asked.map((credential) => openSecret(services, credential)))
}

/** An adopted secret may still lie in plain text; ours are sealed to their row. */
export async function openSecret(services: Vault, credential: Credential): Promise<Candidate> {
  const { secret, credentialId } = credential
  if (secret === null)
    throw new StartlistError('CREDENTIAL_REFUSED', `credential ${credentialId} has no secret yet`)
  const opened = isSealed(secret)
    ? await openStored(services.db, services.key, `credential:${credentialId}`, secret)
    : secret
  registerSecret(opened)
  return { credential, secret: opened }
}

/** Why none of an account's credentials can be used, for a person. */
export async function refusedError(db: Db, accountId: number): Promise<StartlistError> {
  const all = await listCredentials(db, { accountId })
  const which = all.map((c) => `${c.credentialId} (${c.state.toLowerCase()})`).join(', ')
  return new StartlistError(
    'CREDENTIAL_REFUSED',
    `no credential of this account can be used: ${which || 'there is none'}`,
  )
}

/** The shared OAuth token, sealed in the database (N5). */
export function tokenStore({ db, key }: Vault, accountId: number) {
  const context = `token:${accountId}`
  return {
    async read() {
      const row = await readToken(db, accountId)
      if (row === null || row.credentialId === null) return null
      const opened = await openStored(db, key, context, row.sealed).catch(orNoToken)
      if (opened === null) return null
      const { token, obtainedAt } = JSON.parse(opened) as { token: string; obtainedAt: number }
      registerSecret(token)
      return { token, obtainedAt, expiresAt: row.expiresAt, credentialId: row.credentialId }
    },
    async save(token: { token: string; obtainedAt: number; expiresAt: number; credentialId: number }) {
      registerSecret(token.token)
      const sealed = await seal(
        key,
        context,
        JSON.stringify({ token: token.token, obtainedAt: token.obtainedAt }),
      )
      await saveToken(db, accountId, { sealed, expiresAt: token.expiresAt, credentialId: token.credentialId })
    },
    withLock: <T>(fn: () => Promise<T>) => withTokenLock(db, accountId, fn),
  }
}

/** A token that was sealed with a key which is gone is as good as none: the secret, which our key opens, gets another. */
function orNoToken(error: unknown): null {
  if (error instanceof StartlistError && error.code === 'KEY_WRONG') return null
  throw error
}
