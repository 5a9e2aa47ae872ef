import type { Change, Mark } from '../view/race.ts'
import { get } from './request.ts'
export const readChanges = (
  e: string,
  f: { since?: string; kind?: string; q?: string; limit: number },
  s: AbortSignal,
): Promise<{ items: Change[]; isAll: boolean }> =>
  get(`/v1/events/${encodeURIComponent(e)}/changes?limit=${f.limit}`, s)
export const readMarks = (e: string, s: AbortSignal): Promise<Mark[]> =>
  get(`/v1/events/${encodeURIComponent(e)}/marks`, s)
export const addMark = async (_e: string, _n: string): Promise<void> => {}
export const removeMark = async (_e: string, _n: string): Promise<void> => {}
export const changesCsv = (e: string, _f: object): string => `/v1/events/${encodeURIComponent(e)}/changes.csv`
