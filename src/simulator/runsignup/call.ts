import type { BaseCall } from '../call-log.ts'
import type { AuthForm } from './presented.ts'
import type { Endpoint } from './route.ts'

/**
 * A request to RunSignUp. `client` is the id of the account whose key, login or e-mail it presents; `query` is
 * without secrets; `eventId` the whole list as asked; `page` and `perPage` those of `results_per_page`.
 */
export interface Call extends BaseCall {
  readonly endpoint: Endpoint
  readonly raceId: string | null
  readonly authorization: AuthForm
  /** calls of the same account under way at arrival, this one included; 0 for nobody's */
  readonly underWay: number
}
