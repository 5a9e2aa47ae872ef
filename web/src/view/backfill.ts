/** How far the first reading has come. Pure; durations in ms. */
import { duration } from './times.ts'
import { count } from './words.ts'

export interface BackfillAccount {
  id: number
  label: string
  /** what is left, and how long that takes */
  sentence: string | null
  races: readonly {
    key: string
    name: string
    done: number
    /** null while nobody knows */
    total: number | null
    note: string
  }[]
}

/** `412 calls left, about 2 h 10 min at this pace` */
export function sentenceOf({
  callsLeft,
  takes,
  unknown,
}: {
  callsLeft: number
  takes: number | null
  unknown: number
}): string {
  const least = unknown === 0 ? '' : 'at least '
  const left = `${least}${count(callsLeft, 'call')} left`
  if (takes === null) return `${left}, and none to spare at present`
  return callsLeft === 0 ? left : `${left}, about ${duration(takes)} at this pace`
}
