import type { BoardView } from '../view/board.ts'
import { get } from './request.ts'
export const readBoard = (s: AbortSignal): Promise<BoardView> => get('/v1/board', s)
