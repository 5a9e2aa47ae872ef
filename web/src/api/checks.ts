import type { Finding } from '../view/race.ts'
import { get } from './request.ts'
export const readChecks = (e: string, s: AbortSignal): Promise<Finding[]> =>
  get(`/v1/events/${encodeURIComponent(e)}/checks`, s)
