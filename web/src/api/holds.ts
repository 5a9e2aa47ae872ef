import type { Hold } from '../view/race.ts'
import { get } from './request.ts'
export const readHolds = (e: string, s: AbortSignal): Promise<Hold[]> => get(`/v1/holds?event=${e}`, s)
export const applyHold = async (_id: string): Promise<string | null> => '1'
export const discardHold = async (_id: string): Promise<void> => {}
export const undoRun = async (_id: string): Promise<string> => 'Undone.'
