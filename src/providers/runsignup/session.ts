import { StartlistError } from '../../domain/errors.ts'
import type { Secret } from '../connect.ts'
import type { HttpAnswer } from '../http.ts'
import { learnKeyForm } from './key-form.ts'
import type { ApiCall, Send } from './request.ts'
import type { KeyForm } from './traits.ts'

export interface SessionOptions {
  send: Send
  /** secrets of the timing partners that share this key, tried in this order */
  secrets: readonly Secret[]
  /** the form in which the key has worked; null before the first success */
  keyForm: () => KeyForm | null
  onKeyForm: (form: KeyForm) => Promise<void>
  /** The provider refused this credential's secret: pause it (S1). */
  onRefused?: (credentialId: number) => Promise<void> | void
  /** This credential's own secret has listed the account's own races (S1). */
  onProven?: (credentialId: number) => Promise<void> | void
}

/** Calls in the account's name. */
export interface Session {
  /** A call with the first secret that is not refused. @throws StartlistError `CREDENTIAL_REFUSED` when none is left */
  get(call: ApiCall): Promise<HttpAnswer>
  /**
   * Shows that this very secret opens the account, and learns the key's form (S1): see {@link learnKeyForm}.
   * @throws StartlistError `CREDENTIAL_REFUSED`, `FORBIDDEN`
   */
  prove(secret: Secret): Promise<void>
}

/** A refused secret is not tried again (N4). */
export function openSession(options: SessionOptions): Session {
  const { send, secrets, keyForm } = options
  const refusedIds = new Set<number>()

  /** Runs a call that needs this secret, and remembers a refusal. */
  async function withSecret<T>({ credentialId }: Secret, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (isRefusedSecret(error)) {
        refusedIds.add(credentialId)
        await options.onRefused?.(credentialId)
      }
      throw error
    }
  }

  async function prove(secret: Secret): Promise<KeyForm> {
    const form = await withSecret(secret, () => learnKeyForm(send, secret.secret, keyForm()))
    if (form !== keyForm()) await options.onKeyForm(form)
    refusedIds.delete(secret.credentialId)
    await options.onProven?.(secret.credentialId)
    return form
  }

  return {
    async prove(secret) {
      await prove(secret)
    },

    async get(call) {
      let last: unknown = new StartlistError(
        'CREDENTIAL_REFUSED',
        'the provider refused every secret of this account',
      )
      for (const secret of secrets) {
        if (refusedIds.has(secret.credentialId)) continue
        try {
          // A list read in a form that was never proven may be everybody's.
          const form = keyForm() ?? (await prove(secret))
          return await withSecret(secret, () => send(call, { secret: secret.secret, form }))
        } catch (error) {
          if (!isRefusedSecret(error)) throw error
          last = error
        }
      }
      throw last
    },
  }
}

function isRefusedSecret(error: unknown): boolean {
  return error instanceof StartlistError && error.code === 'CREDENTIAL_REFUSED'
}
