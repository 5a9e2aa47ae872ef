import type { BackfillAccount } from '../view/backfill.ts'
import { get } from './request.ts'
export const readBackfill = (s: AbortSignal): Promise<BackfillAccount[]> => get('/v1/backfill', s)
