import type { Exchange } from './exchange.ts'

/** A question about a provider that only a real account answers, and what this one answered. */
export interface Answer {
  /** stable name */
  question: string
  /** for a person */
  asks: string
  /** null where this account cannot answer it */
  answer: string | null
  /** what was seen; without an answer, why there is none */
  evidence: string
}

/** What the tables tell of an account, for questions that no single answer settles. Counts alone. */
export interface KnownFacts {
  /** live registrations, of how many events */
  registrations: number
  events: number
  /** registration numbers that stand in more than one event */
  shared: number
  /** cancelled, and still listed */
  cancelledListed: number
  /** gone from the list */
  removed: number
  /** registrations that became another person's under the same number, by the change feed */
  changedPerson: number
  /** registrations that name the one which took their place */
  successors: number
  /** single reads of audits, and how many of them showed a change behind an unchanged list row */
  audited: number
  blind: number
}

/** All that is looked at. */
export interface Contact {
  exchanges: readonly Exchange[]
  facts: KnownFacts
  /** what the connection has learnt, as it is stored */
  traits: Readonly<Record<string, unknown>>
  /** the API's address, without a slash at its end */
  apiUrl: string
}

/** The values of a sentence: `1 event`, `2 events`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`
