import type { Person } from '../view/race.ts'
import { get } from './request.ts'
export const readPeople = (
  e: string,
  f: Record<string, unknown>,
  s: AbortSignal,
): Promise<{ items: Person[]; isAll: boolean }> =>
  get(`/v1/events/${encodeURIComponent(e)}/participants?limit=${f.limit}`, s)
export const readPerson = (e: string, id: string, s: AbortSignal): Promise<Person> =>
  get(`/v1/events/${encodeURIComponent(e)}/participants/${id}`, s)
export const setBib = async (_e: string, _id: string, _b: string | null): Promise<void> => {}
