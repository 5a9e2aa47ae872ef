import type { RejectDetail, RejectView } from '../view/rejects.ts'
import { get } from './request.ts'
export const readRejects = (
  _f: { limit: number },
  s: AbortSignal,
): Promise<{ items: RejectView[]; isAll: boolean }> => get('/v1/rejects', s)
export const readReject = (id: string, s: AbortSignal): Promise<RejectDetail> => get(`/v1/rejects/${id}`, s)
export const retryReject = async (_id: string): Promise<string> => 'Read again.'
