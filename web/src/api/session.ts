import type { Who } from '../state/session.svelte.ts'
import { get } from './request.ts'
export const readSession = async (): Promise<Who | null> => get<Who>('/v1/session').catch(() => null)
export const beginSession = async (_t: string): Promise<Who> => get('/v1/session')
export const endSession = async (): Promise<void> => {}
