import { get } from './request.ts'
export interface SyncCost {
  calls: number
  isLeast: boolean
  left: number
  limit: number
  note: string | null
}
export const readSyncCost = (e: string): Promise<SyncCost> => get(`/v1/events/${encodeURIComponent(e)}/sync`)
export const syncNow = async (_e: string): Promise<string> => 'Asked for.'
