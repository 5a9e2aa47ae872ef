import type { ProviderName } from '../domain/account.ts'
import { bibRangesText, readBibRanges } from '../domain/bib.ts'
import { cadenceText, readCadence } from '../domain/cadence.ts'
import { StartlistError } from '../domain/errors.ts'
import { isZone } from '../domain/event-time.ts'
import { CHANGE_KINDS, type ChangeKind } from '../domain/row.ts'
import { clean } from '../domain/text.ts'
import { shortestIntervalMs } from '../providers/registry.ts'
import { LONGEST_MARK } from '../store/feed/marks.ts'

/** Reads options as they are typed. Each throws `BAD_INPUT`, naming the option. */

export function idOption(text: string, name: string): number {
  const id = Number(text)
  if (!/^\d{1,10}$/.test(text) || id < 1 || id > 2_147_483_647)
    throw new StartlistError('BAD_INPUT', `${name} is a number such as 3, not "${text}"`)
  return id
}

/** An id where one was given. */
export function optionalId(text: string | undefined, name: string): number | undefined {
  return text === undefined ? undefined : idOption(text, name)
}

export function zoneOption(text: string): string {
  if (!isZone(text)) {
    throw new StartlistError('BAD_INPUT', `"${text}" is no time zone`, {
      hint: 'Give an IANA name such as America/New_York or Pacific/Honolulu.',
    })
  }
  return text
}

/** A cadence as it is stored; null for `default`, which takes back what was set. */
export function cadenceOption(text: string): string | null {
  return text === 'default' ? null : cadenceText(readCadence(text, shortestIntervalMs()))
}

/** Ranges of bibs as they are stored; null for `any`, which takes back what was set. */
export function bibRangesOption(text: string): string | null {
  return text === 'any' ? null : bibRangesText(readBibRanges(text))
}

export function providerOption(text: string): ProviderName {
  const name = text.toLowerCase()
  if (name === 'haku' || name === 'runsignup') return name
  throw new StartlistError('BAD_INPUT', `"${text}" is no provider: it is haku or runsignup`)
}

/** A name that must not be blank. */
export function textOption(text: string, name: string): string {
  const trimmed = text.trim()
  if (trimmed === '') throw new StartlistError('BAD_INPUT', `${name} must not be empty`)
  return trimmed
}

/** A mark's name. */
export function markName(text: string, name: string): string {
  const trimmed = textOption(text, name)
  if (trimmed.length > LONGEST_MARK || clean(trimmed) !== trimmed)
    throw new StartlistError(
      'BAD_INPUT',
      `${name} is a text of at most ${LONGEST_MARK} characters in one line`,
    )
  return trimmed
}

/** Kinds of changes with commas between them. */
export function kindsOption(text: string, name: string): ChangeKind[] {
  const kinds = text.split(',').map((part) => part.trim())
  const isKind = (kind: string): kind is ChangeKind => (CHANGE_KINDS as readonly string[]).includes(kind)
  if (!kinds.every(isKind))
    throw new StartlistError('BAD_INPUT', `${name} is of ${CHANGE_KINDS.join(', ')}, not "${text}"`)
  return kinds
}

/** A number of days such as `90d`. */
export function daysOption(text: string, name: string, least = 1): number {
  const [, digits] = /^(\d{1,5})d$/.exec(text) ?? []
  const days = Number(digits)
  if (digits === undefined || days < least)
    throw new StartlistError('BAD_INPUT', `${name} is a number of days from ${least}d up, not "${text}"`)
  return days
}
