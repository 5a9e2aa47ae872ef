import type { KnownFacts } from '../domain/known-facts.ts'
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
