import type { Json, JsonObject } from '../../domain/json.ts'
import { readStamp } from '../../domain/stamp.ts'
import { isMidnight, readWrittenTime } from '../../domain/written-time.ts'
import type { Answer, Contact } from '../question.ts'
import { isObject } from '../records.ts'
import type { Asked } from './asked.ts'

/** What one question found: an answer, or null and the reason. */
export type Found = Pick<Answer, 'answer' | 'evidence'>
/** A question about Haku that the notes leave open (Haku API notes 1.7). */
export type Question = [name: string, asks: string, find: (asked: Asked, contact: Contact) => Found]

export const unknown = (evidence: string): Found => ({ answer: null, evidence })

/** How a date is written, without the date. */
export function dateForm(date: Json): string {
  const time = typeof date === 'string' ? readWrittenTime(date) : null
  if (time === null) return readStamp(date) === null ? 'unreadable' : 'a number of seconds or milliseconds'
  if (!time.hasTime) return 'a date alone'
  const zone = time.offset === null ? 'no zone' : /z|utc|gmt/i.test(String(date)) ? 'Z' : 'an offset'
  return isMidnight(time) ? `midnight, ${zone}` : `date and time, ${zone}`
}

export const isFilled = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== ''

/** Categories of registrations. */
export const categoriesOf = (records: readonly JsonObject[]): JsonObject[] =>
  records.flatMap(({ event_categories: list }) => (Array.isArray(list) ? list.filter(isObject) : []))
