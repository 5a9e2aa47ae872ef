import type { CredentialView, PartnerView } from '../view/partners.ts'
import type { Tone } from '../view/tone.ts'
import { api, ask, instant } from './client.ts'
import type { components } from './schema.d.ts'

type Credential = components['schemas']['Credential']

const TONES: Record<Credential['state'], Tone> = {
  Ready: 'good',
  Refused: 'bad',
  Untested: 'warn',
  Paused: 'warn',
}

/** Timing partners, each with its credentials. */
export async function readPartners(signal: AbortSignal): Promise<PartnerView[]> {
  const [partners, credentials] = await Promise.all([
    ask(api.GET('/partners', { signal })),
    ask(api.GET('/credentials', { signal })),
  ])
  return partners.items.map(({ id, name, timezone }) => ({
    ...{ id, name, timezone },
    credentials: credentials.items.filter(({ partnerId }) => partnerId === id).map(credentialOf),
  }))
}

function credentialOf(credential: Credential): CredentialView {
  const { id, provider, organization, clientId, state, hint, events, shared, lastSuccess } = credential
  return {
    ...{ id, provider, clientId, state, events },
    organization: organization ?? 'all organizations',
    tone: TONES[state],
    hint,
    isShared: shared,
    lastSuccessAt: instant(lastSuccess),
  }
}
