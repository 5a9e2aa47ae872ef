import type { AccountView } from '../view/board.ts'
import type { QuotaView } from '../view/quota.ts'
import { get } from './request.ts'
export const readAccounts = (s: AbortSignal): Promise<AccountView[]> => get('/v1/accounts', s)
export const readQuota = (id: number, s: AbortSignal): Promise<QuotaView> =>
  get(`/v1/accounts/${id}/quota`, s)
