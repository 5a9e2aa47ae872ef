import type { Json } from '../../domain/json.ts'
import type { FeedEntry } from '../../store/overview/feed.ts'

/** What happened, in a line for people; how long ago goes behind it. */
export interface FeedLine {
  text: string
  /** How many registrations it tells of. */
  registrations: number
  /** Seconds from the provider's change to our row; null where the provider gave no time for it. */
  staleness: number | null
  seenAt: number
}

const WORDS: Record<string, string> = {
  phone: 'phone',
  email: 'e-mail',
  team_affiliation: 'team',
  category: 'category',
  date_of_birth: 'birth date',
  gender: 'sex',
}
/** A batch of this many alike is told as one. */
const BATCH = 6

/**
 * The feed's new entries as lines: a registration's entries of one poll together (its list row comes before its
 * detail), and many new bibs at once as one line.
 */
export function feedLines(entries: readonly FeedEntry[]): FeedLine[] {
  const lines: FeedLine[] = []
  const news = [...Map.groupBy(entries, (entry) => entry.participantId).values()].map(together)
  const isNewBib = (entry: FeedEntry) => kindOf(entry) === 'bib' && entry.fields.bib_number?.[0] === null
  const bibs = news.filter(isNewBib)
  const isBatch = bibs.length >= BATCH
  for (const entry of news) if (!isBatch || !isNewBib(entry)) lines.push(lineOf(entry, describe(entry)))
  if (isBatch) lines.push(batchLine(bibs))
  return lines
}

/** `Jane D.`: enough to know somebody by, and no more. */
function shortName(firstName: Json | undefined, lastName: Json | undefined): string {
  const initial = typeof lastName === 'string' && lastName !== '' ? ` ${[...lastName][0]}.` : ''
  return `${typeof firstName === 'string' ? firstName : ''}${initial}`.trim() || '(no name)'
}

function together(entries: readonly FeedEntry[]): FeedEntry {
  const [first, last] = [entries[0] as FeedEntry, entries.at(-1) as FeedEntry]
  const fields: FeedEntry['fields'] = {}
  for (const entry of entries) {
    for (const [name, [old, now]] of Object.entries(entry.fields))
      fields[name] = [fields[name]?.[0] ?? old, now]
  }
  return { ...last, change: first.change === 'changed' ? last.change : first.change, fields }
}

function kindOf({ change, fields }: FeedEntry): string {
  if (change !== 'changed') return change
  if (fields.date_of_birth || (fields.first_name && fields.email)) return 'person'
  if (fields.bib_number) return 'bib'
  return fields.first_name || fields.last_name ? 'name' : 'other'
}

function describe(entry: FeedEntry): string {
  const name = shortName(entry.firstName, entry.lastName)
  const bib = entry.bib === null ? 'no bib' : `bib ${entry.bib}`
  const { fields } = entry
  const before = shortName(fields.first_name?.[0] ?? entry.firstName, fields.last_name?.[0] ?? entry.lastName)
  switch (kindOf(entry)) {
    case 'added':
      return `new: ${bib}, ${name}`
    case 'person':
      return `${bib}, ${before} is now ${name}`
    case 'bib':
      return `bib ${fields.bib_number?.[0] ?? 'none'} -> ${entry.bib ?? 'none'}, ${name}`
    case 'name':
      return `${bib}, ${before}: name corrected to ${name}`
    case 'other':
      return `${bib}, ${name}: ${changedWords(fields)} changed`
    default:
      return `${entry.change}: ${bib}, ${name}`
  }
}

function changedWords(fields: FeedEntry['fields']): string {
  const words = Object.keys(fields).map((name) => WORDS[name] ?? name.replaceAll('_', ' '))
  return words.join(', ') || 'record'
}

function lineOf(entry: FeedEntry, text: string): FeedLine {
  // A removal shows only by absence: the stamp at hand is of an earlier change.
  const from = entry.change === 'removed' ? null : entry.sourceUpdatedAt
  return {
    text: `${text},`,
    registrations: 1,
    staleness: from === null ? null : (entry.seenAt - from) / 1_000,
    seenAt: entry.seenAt,
  }
}

function batchLine(bibs: readonly FeedEntry[]): FeedLine {
  const lines = bibs.map((entry) => lineOf(entry, ''))
  const last = lines.reduce((a, b) => ((b.staleness ?? 0) > (a.staleness ?? 0) ? b : a))
  const numbers = bibs.map((entry) => Number(entry.bib)).toSorted((a, b) => a - b)
  const text = `${bibs.length} bibs at once, ${numbers[0]} to ${numbers.at(-1)}, the last`
  return { ...last, text, registrations: bibs.length }
}
