import type { PartnerView } from '../view/partners.ts'
import { get } from './request.ts'
export const readPartners = (s: AbortSignal): Promise<PartnerView[]> => get('/v1/partners', s)
