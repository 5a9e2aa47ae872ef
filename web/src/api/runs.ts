import type { RunView } from '../view/runs.ts'
import { get } from './request.ts'
export const readRuns = (
  _f: { limit: number },
  s: AbortSignal,
): Promise<{ items: RunView[]; isAll: boolean }> => get('/v1/runs', s)
