import type { Json, JsonObject } from '../../domain/json.ts'

/**
 * Where a key's secret stands: in a header for version 2, beside the key in the query for version 1 (RunSignUp API
 * notes 2.1).
 */
export type KeyForm = 'header' | 'query'

/** What is learnt of one RunSignUp account. Plain JSON, kept with the account; null stands for "not learnt". */
export interface RunSignUpTraits {
  /** the form in which the key has listed the account's own races */
  keyForm: KeyForm | null
  /** stepped down to because larger pages were refused (W3) */
  racesPerPage: number | null
  registrationsPerPage: number | null
}

/** Reads stored traits; whatever is unreadable counts as not learnt. */
export function readTraits(stored: JsonObject): RunSignUpTraits {
  const { keyForm, racesPerPage, registrationsPerPage } = stored
  return {
    keyForm: keyForm === 'header' || keyForm === 'query' ? keyForm : null,
    racesPerPage: pageSize(racesPerPage),
    registrationsPerPage: pageSize(registrationsPerPage),
  }
}

/** Traits as the account keeps them. */
export function traitsJson(traits: RunSignUpTraits): JsonObject {
  return { ...traits }
}

const pageSize = (value: Json | undefined): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null
