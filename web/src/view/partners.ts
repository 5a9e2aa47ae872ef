/** Timing partners and their credentials. Pure; never a secret. */
import type { Tone } from './tone.ts'

export interface CredentialView {
  id: number
  provider: string
  organization: string
  clientId: string
  state: string
  tone: Tone
  /** what to do about it */
  hint: string | null
  events: number
  /** another credential has its client id: one account, one quota */
  isShared: boolean
  lastSuccessAt: number | null
}

export interface PartnerView {
  id: number
  name: string
  timezone: string | null
  credentials: readonly CredentialView[]
}
