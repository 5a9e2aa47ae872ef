import { type CredentialOverview, credentialOverview } from '../../store/overview/credentials.ts'
import { type Alert, rule } from '../rule.ts'

/** A provider refuses a credential's secret: it is not tried again until a person changed it (N4). */
export const credentialRefused = rule({
  name: 'credential-refused',
  every: 60_000,
  read: ({ db }) => credentialOverview(db),
  judge: judgeCredentials,
})

export function judgeCredentials(credentials: readonly CredentialOverview[]): Alert[] {
  return credentials
    .filter(({ state }) => state === 'Refused')
    .map(({ credentialId, partnerId, provider, events }) => ({
      key: `credential-refused:${credentialId}`,
      message: `${provider} refuses credential ${credentialId} of timing partner ${partnerId}, who receives ${events} events by it`,
      hint: `startlist credentials set-secret ${credentialId} --secret-stdin, then credentials test ${credentialId}.`,
    }))
}
