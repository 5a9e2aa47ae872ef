/** Bibs that are given, and those that are at odds, in words. Pure. */
import type { Tone } from './tone.ts'
import { count } from './words.ts'

export type BibAuthority = 'provider' | 'local'

/** What each choice means, in a sentence. */
export const AUTHORITIES: readonly { value: BibAuthority; title: string; sentence: string }[] = [
  {
    value: 'provider',
    title: 'The provider’s bib counts',
    sentence:
      'Yours counts for those to whom the provider has given none. When it gives them one later, that one takes its place.',
  },
  {
    value: 'local',
    title: 'Your bib counts',
    sentence:
      'The provider’s counts for those to whom you have given none. What you gave stays, whatever the provider says later.',
  },
]

/** What came of a bib that was given, or with null taken back. @param after the one that counts now */
export function givenText(wanted: string | null, after: string | null): string {
  if (wanted !== null && after !== wanted)
    return `${wanted} is kept as yours; the provider’s ${after} counts.`
  return after === null ? 'No bib any more.' : `The bib is ${after} now.`
}

/** What becomes of a line of a file. */
export interface BibLine {
  line: number
  /** Whom it names; null for nobody. */
  asked: string | null
  outcome: 'give' | 'take' | 'same' | 'gone' | 'unknown' | 'ambiguous' | 'conflict'
  registration: string | null
  name: string | null
  bib: string | null
  before: string | null
  after: string | null
  with: readonly string[]
}

/** What would become, or became, of a file. */
export interface BibPlan {
  /** Something stands in the way of all of it. */
  isBlocked: boolean
  changed: number
  /** To undo it by; null where nothing was written. */
  runId: number | null
  counts: Readonly<Record<'give' | 'same' | 'gone' | 'unknown' | 'ambiguous' | 'conflict', number>>
  lines: readonly BibLine[]
}

/** A line that keeps the whole file from being stored. */
const isRefused = ({ outcome }: Pick<BibLine, 'outcome'>): boolean =>
  outcome === 'unknown' || outcome === 'ambiguous' || outcome === 'conflict'

/** A word for what becomes of a line, with how it looks. */
export function outcomeOf({ outcome }: Pick<BibLine, 'outcome'>): { text: string; tone: Tone } {
  if (outcome === 'give') return { text: 'Gets it', tone: 'good' }
  return isRefused({ outcome }) ? { text: 'Refused', tone: 'bad' } : { text: 'Left out', tone: 'warn' }
}

/** Who a line is about: as they are stored, else as the line has it. */
export const whoOf = ({ name, asked }: BibLine): string => (name || asked) ?? 'nobody named'

/** What a line does, or why it does nothing, in a sentence. */
export function lineText({ outcome, bib, before, after, with: others }: BibLine): string {
  switch (outcome) {
    case 'give': {
      const kept = after === bib ? '' : `, kept as yours: the provider’s ${after} counts`
      return before === after ? `${bib}${kept}` : `${before ?? 'none'} → ${after}${kept}`
    }
    case 'gone':
      return `${bib}: cancelled or removed`
    case 'unknown':
      return `${bib ?? 'no bib'}: nobody in this race has this registration number, or this name and birth date`
    case 'ambiguous':
      return `${bib ?? 'no bib'}: several have this name and birth date: registrations ${others.join(', ')}`
    case 'conflict':
      return others.every((other) => other.startsWith('line '))
        ? `${bib}, and another bib on ${others.join(', ')}`
        : `${bib} is then also the bib of registration ${others.join(', ')}`
    default:
      return 'stays as it is'
  }
}

/** How a file stands, in one sentence: `11 bibs to give, 3 lines unchanged, 2 lines refused.` */
export function planText({ counts }: Pick<BibPlan, 'counts'>): string {
  const { give, same, gone, unknown, ambiguous, conflict } = counts
  const refused = unknown + ambiguous + conflict
  const parts = [
    `${count(give, 'bib')} to give`,
    ...(same === 0 ? [] : [`${count(same, 'line')} unchanged`]),
    ...(gone === 0 ? [] : [`${count(gone, 'line')} left out`]),
  ]
  return refused === 0 ? `${parts.join(', ')}.` : `${parts.join(', ')}, ${count(refused, 'line')} refused.`
}

/** Lines with what is wrong first. */
export const worstFirst = (lines: readonly BibLine[]): BibLine[] => {
  const rank = (line: BibLine) => (isRefused(line) ? 0 : line.outcome === 'gone' ? 1 : 2)
  return lines.toSorted((a, b) => rank(a) - rank(b) || a.line - b.line)
}

/** Somebody whose bib another one has as well, or to whom two were given. */
export interface BibConflict {
  kind: 'twice' | 'differs'
  bib: string
  registration: string
  name: string
  providerBib: string | null
  localBib: string | null
  /** cancelled or removed, and still holds the bib of another */
  isGone: boolean
}

/** What is at odds with it. */
export function conflictText({ kind, providerBib, localBib, isGone }: BibConflict): string {
  if (kind === 'differs') return `the provider gave ${providerBib}, you gave ${localBib}`
  const whose = localBib === null ? 'the provider’s' : providerBib === null ? 'yours' : 'provider’s and yours'
  return isGone ? `${whose}; cancelled or removed, and the bib is another’s now` : whose
}
