import { clean } from './text.ts'
import { dayOf, readWrittenTime } from './written-time.ts'

/** A name in two parts. A single word is a first name. */
export interface SplitName {
  firstName: string | null
  lastName: string | null
}

const SUFFIX = /^(?:jr|sr|ii|iii|iv|v|esq|md|m\.d|phd|ph\.d|dds)\.?$/i

/** Words that begin a last name when another word follows. */
const PARTICLE =
  /^(?:van|von|der|den|ter|ten|de|del|della|di|da|das|dos|du|la|le|el|al|bin|ibn|ben|abu|st\.?|saint|santa|mac)$/i

/** Chinese last names of two characters that are common; all others have one. */
const LONG_HAN = [
  '欧阳',
  '歐陽',
  '司马',
  '司馬',
  '诸葛',
  '諸葛',
  '上官',
  '司徒',
  '东方',
  '東方',
  '夏侯',
  '皇甫',
  '尉迟',
  '令狐',
]

const HAN = /^\p{Script=Han}+$/u
const HANGUL = /^\p{Script=Hangul}+$/u
const EAST_ASIAN = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u

/**
 * Splits a full name by guess, for lists that give one field only (Haku API notes 1.4): `Last, First` at the comma,
 * else before the last word, its particles ("de la Cruz") and a suffix ("Smith Jr.") going with it. Chinese,
 * Japanese and Korean names have the last name first. A guess: a detail's own names always win (F3).
 */
export function splitName(fullName: string | null | undefined): SplitName {
  const name = clean(fullName)
  if (name === null) return { firstName: null, lastName: null }
  const comma = name.indexOf(',')
  if (comma >= 0) {
    const before = clean(name.slice(0, comma))
    const after = clean(name.slice(comma + 1))
    if (after === null || before === null) return splitName(before ?? after)
    if (!SUFFIX.test(after)) return { firstName: after, lastName: before }
    const { firstName, lastName } = splitWords(before.split(' '))
    return { firstName, lastName: `${lastName ?? ''}, ${after}`.replace(/^, /, '') }
  }
  return splitWords(name.split(' '))
}

function splitWords(words: string[]): SplitName {
  if (words.length === 1) return splitWord(words[0]!)
  if (words.length === 2 && words.every((word) => EAST_ASIAN.test(word))) {
    return { lastName: words[0]!, firstName: words[1]! }
  }
  let start = words.length - 1
  // In "Vijay V" the V is all the last name there is.
  if (words.length > 2 && SUFFIX.test(words[start]!)) start -= 1
  while (start > 1 && PARTICLE.test(words[start - 1]!)) start -= 1
  return { firstName: words.slice(0, start).join(' '), lastName: words.slice(start).join(' ') }
}

function splitWord(word: string): SplitName {
  const characters = [...word]
  const count = characters.length
  let lastLength = 0
  if (HANGUL.test(word) && count >= 2 && count <= 4) lastLength = 1
  else if (HAN.test(word) && count >= 2 && count <= 4) {
    // Four characters without a known long name are most often Japanese: two and two.
    lastLength = LONG_HAN.some((long) => word.startsWith(long)) || count === 4 ? 2 : 1
    if (lastLength === count) lastLength = 1
  }
  if (lastLength === 0) return { firstName: word, lastName: null }
  return {
    lastName: characters.slice(0, lastLength).join(''),
    firstName: characters.slice(lastLength).join(''),
  }
}

/**
 * Reads a date of birth: `YYYY-MM-DD`, a date with a time (the day as written, never shifted by its zone) or
 * `MM/DD/YYYY`; a real day of the calendar from 1900 on.
 * @param notAfter `YYYY-MM-DD`: nobody is born after it; null checks nothing
 * @returns `YYYY-MM-DD`; null when nothing is said, undefined when it cannot be read or cannot be true
 */
export function readDateOfBirth(value: unknown, notAfter: string | null = null): string | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string') return undefined
  if (value.trim() === '') return null
  const time = readWrittenTime(value)
  if (time === null) return undefined
  const day = dayOf(time)
  return notAfter !== null && day > notAfter ? undefined : day
}

/**
 * Age in whole years on a day. Who is born on February 29 is a year older on March 1 of a common year.
 * @param dateOfBirth `YYYY-MM-DD`
 * @param day `YYYY-MM-DD`
 * @returns null when either is no such date, or the day lies before the birth
 */
export function ageOn(dateOfBirth: string, day: string): number | null {
  const form = /^\d{4}-\d{2}-\d{2}$/
  if (!form.test(dateOfBirth) || !form.test(day) || day < dateOfBirth) return null
  const years = Number(day.slice(0, 4)) - Number(dateOfBirth.slice(0, 4))
  return day.slice(5) < dateOfBirth.slice(5) ? years - 1 : years
}
