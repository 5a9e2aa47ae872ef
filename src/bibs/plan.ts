import { type BibAuthority, effectiveBib } from '../domain/bib.ts'
import type { BibPerson } from '../store/bibs/people.ts'
import { foldName, type WantedBib } from './file.ts'

/** What becomes of bibs that are asked for, before anything is written. Pure. */

/**
 * - `give`: the registration gets the bib; `take`: its own is taken back
 * - `same`: it has the bib already, or none was asked for
 * - `gone`: cancelled or removed; left as it is
 * - `unknown`: no such registration; `ambiguous`: several people of that name and birth date
 * - `conflict`: another who races would have the same bib
 */
export type BibOutcome = 'give' | 'take' | 'same' | 'gone' | 'unknown' | 'ambiguous' | 'conflict'

/** What stands in the way of writing any of it. */
const BLOCKING: ReadonlySet<BibOutcome> = new Set(['unknown', 'ambiguous', 'conflict'])

/** A line of a file, or one bib, with what becomes of it. */
export interface PlannedBib {
  line: number
  /** Whom the line names: a registration number, or a name. */
  asked: string | null
  outcome: BibOutcome
  /** Registration number; null where nobody was found. */
  key: string | null
  /** Full name as it is stored; null where nobody was found. */
  name: string | null
  /** The bib that was asked for. */
  bib: string | null
  /** Effective bibs before and after. They differ from what was asked for where the provider's counts. */
  before: string | null
  after: string | null
  /** Registration numbers of others with the same bib, or lines that ask for the same registration. */
  with: string[]
}

export interface BibPlan {
  lines: PlannedBib[]
  /** Local bibs to write, by registration number. */
  writes: Map<string, string | null>
  blocked: boolean
}

export interface BibPlanInput {
  wanted: readonly WantedBib[]
  /** Whom the wanted bibs may be for, found by number or by name. */
  people: readonly BibPerson[]
  /** Who races with one of the wanted bibs now. */
  holders: readonly BibPerson[]
  authority: BibAuthority
  /** An empty bib takes one back; else it leaves what there is. */
  takesBack: boolean
  allowDuplicates: boolean
}

/** Plans all bibs together: a bib may be freed by one line and given by another. */
export function planBibs(input: BibPlanInput): BibPlan {
  const find = finder(input.people)
  const matched = input.wanted.map((wanted) => ({ wanted, found: find(wanted) }))
  const lines = matched.map(({ wanted, found }) => plannedLine(wanted, found, input))
  const writes = new Map<string, string | null>()
  for (const { outcome, key, bib } of lines) if (key !== null && isWrite(outcome)) writes.set(key, bib)
  markContradictions(lines)
  if (!input.allowDuplicates) markTaken(lines, writes, input)
  return { lines, writes, blocked: lines.some(({ outcome }) => BLOCKING.has(outcome)) }
}

const isWrite = (outcome: BibOutcome) => outcome === 'give' || outcome === 'take'

/** Finds people by number, and only where none is given by name and birth date. */
function finder(people: readonly BibPerson[]): (wanted: WantedBib) => BibPerson[] {
  const byKey = new Map(people.map((person) => [person.key, person]))
  const byName = Map.groupBy(people, (person) => `${foldName(nameOf(person))} ${person.dateOfBirth}`)
  return ({ registration, person }) => {
    if (registration !== null) return [byKey.get(registration)].filter((one) => one !== undefined)
    if (person === null) return []
    const all = byName.get(`${person.name} ${person.dateOfBirth}`) ?? []
    const live = all.filter((one) => one.live)
    return live.length > 0 ? live : all
  }
}

/** A person's full name. */
export const nameOf = ({ firstName, lastName }: Pick<BibPerson, 'firstName' | 'lastName'>): string =>
  [firstName, lastName].filter((part) => part !== null).join(' ')

function plannedLine(wanted: WantedBib, found: readonly BibPerson[], input: BibPlanInput): PlannedBib {
  const { line, bib } = wanted
  const [person] = found
  const asked = wanted.registration ?? wanted.person?.name ?? null
  const nobody = { line, asked, key: null, name: null, bib, before: null, after: null, with: [] }
  if (person === undefined) return { ...nobody, outcome: 'unknown' }
  if (found.length > 1) return { ...nobody, outcome: 'ambiguous', with: found.map(({ key }) => key) }
  const outcome = outcomeFor(person, bib, input.takesBack)
  const local = isWrite(outcome) ? bib : person.localBib
  const after = isWrite(outcome) ? effectiveBib(person.providerBib, local, input.authority) : person.bib
  return { ...nobody, outcome, key: person.key, name: nameOf(person), before: person.bib, after }
}

function outcomeFor(person: BibPerson, bib: string | null, takesBack: boolean): BibOutcome {
  if (bib === null) return takesBack && person.localBib !== null ? 'take' : 'same'
  if (!person.live) return 'gone'
  return person.localBib === bib || (person.localBib === null && person.bib === bib) ? 'same' : 'give'
}

/** One registration, and two bibs for it. */
function markContradictions(lines: readonly PlannedBib[]): void {
  const byKey = Map.groupBy(
    lines.filter(({ key, bib }) => key !== null && bib !== null),
    ({ key }) => key,
  )
  for (const same of byKey.values()) {
    if (new Set(same.map(({ bib }) => bib)).size < 2) continue
    for (const one of same) {
      one.outcome = 'conflict'
      one.with = same.filter((other) => other !== one).map(({ line }) => `line ${line}`)
    }
  }
}

/** A bib that two people of one event would have, once all of it is written. */
function markTaken(
  lines: readonly PlannedBib[],
  writes: ReadonlyMap<string, string | null>,
  { people, holders, authority }: BibPlanInput,
): void {
  const everybody = new Map([...people, ...holders].map((person) => [person.key, person]))
  const place = (person: BibPerson): string | null => {
    const local = writes.get(person.key)
    // Given, it is taken, also while the provider's counts: whose counts may be changed.
    const bib =
      local === undefined ? person.bib : (local ?? effectiveBib(person.providerBib, null, authority))
    return bib === null || !person.live ? null : `${person.eventId} ${bib}`
  }
  const holding = Map.groupBy(everybody.values(), place)
  for (const line of lines) {
    const person = line.key === null ? undefined : everybody.get(line.key)
    if (person === undefined || line.outcome !== 'give') continue
    const at = place(person)
    const others = at === null ? [] : (holding.get(at) ?? []).filter(({ key }) => key !== line.key)
    if (others.length === 0) continue
    line.outcome = 'conflict'
    line.with = others.map(({ key }) => key)
  }
}
