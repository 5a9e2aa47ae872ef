import type { RaceDetail } from '../view/race.ts'
import { get } from './request.ts'
export const readRace = (e: string, s: AbortSignal): Promise<RaceDetail> =>
  get(`/v1/events/${encodeURIComponent(e)}`, s)
