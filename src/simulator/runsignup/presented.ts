import type { Logins } from './logins.ts'
import type { World } from './world.ts'

/** How a request says whose it is (RunSignUp API notes 2.1); `mixed` when it says so in two ways. */
export type AuthForm = 'v1' | 'v2' | 'login' | 'mixed' | 'none'

/** What a request presents, and whose it is. */
export interface Presented {
  form: AuthForm
  /** the account, though its login may have ended; null when nobody's */
  accountId: string | null
}

/** Query parameters that hold a secret. */
export const SECRET_PARAMETERS: readonly string[] = ['api_secret', 'tmp_secret', 'password']

/** Reads the credentials of a request; `headerSecret` is its `X-RSU-API-SECRET`. */
export function presented(
  query: URLSearchParams,
  headerSecret: string | undefined,
  world: World,
  logins: Logins,
): Presented {
  const [v1, v2, login] = ['api_key', 'rsu_api_key', 'tmp_key'].map((name) => query.get(name))
  const forms: AuthForm[] = []
  if (v1 != null) forms.push('v1')
  if (v2 != null) forms.push('v2')
  if (login != null) forms.push('login')
  const [form = 'none', ...more] = forms
  if (more.length > 0) return { form: 'mixed', accountId: null }
  if (form === 'login') return { form, accountId: logins.owner(login ?? '', query.get('tmp_secret')) }
  const key = form === 'v1' ? v1 : v2
  const secret = form === 'v1' ? query.get('api_secret') : headerSecret
  const account = world.accounts
    .values()
    .find(({ keys }) => keys.some((k) => k.form === form && k.key === key && k.secret === secret))
  return { form, accountId: account?.id ?? null }
}
