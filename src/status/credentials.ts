import type { CredentialOverview } from '../store/overview/credentials.ts'

/** What a person is told of a credential. Pure. */

/** Enough of a client id to know it by. */
export const shortId = (clientId: string): string => `${clientId.slice(0, 10)}...`

/** Can the credential be asked with? One that was refused is not tried again until a person acts (N4). */
export function isUsable(credential: CredentialOverview): boolean {
  const { accountId, hasSecret, state } = credential
  return accountId !== null && hasSecret && (state === 'Ready' || state === 'Untested')
}

/** The organizations of an account, each once. */
export function labelOf(credentials: readonly CredentialOverview[]): string {
  return [...new Set(credentials.map((c) => c.organization ?? c.partner))].join(', ')
}

/** Why a credential is not used, and what a person does about it. */
export function adviceFor(credential: CredentialOverview): { message: string; hint: string } {
  const { credentialId: id, state, why, hasSecret, accountId } = credential
  if (accountId === null)
    return {
      message: 'it has no client id',
      hint: `startlist credentials remove ${id}, then credentials add.`,
    }
  if (!hasSecret)
    return { message: 'it has no secret', hint: `startlist credentials set-secret ${id} --secret-stdin` }
  if (state === 'Paused')
    return { message: why === null ? 'paused' : `paused: ${why}`, hint: `startlist credentials resume ${id}` }
  if (state === 'Refused') {
    return {
      message: why ?? 'the provider refused the secret',
      hint: `startlist credentials set-secret ${id} --secret-stdin, then credentials test ${id}.`,
    }
  }
  return { message: 'not tested yet', hint: `startlist credentials test ${id}` }
}
