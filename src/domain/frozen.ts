import { hash } from 'node:crypto'
import { canonicalJson } from './fingerprint.ts'
import type { Json, JsonObject } from './json.ts'
import type { Content } from './row.ts'
import type { LineField, StartListLine, StartListState } from './start-list.ts'

/**
 * A start list as it is frozen: one canonical JSON document, signed by its hash. Each row has a random salt in the document
 * and a hash of its own, and the hashes are signed too. So a row can lose its person, as privacy demands, while every other
 * row, and that there is no row more or less, is still proven. With the person goes the salt: who knows all other rows cannot
 * find out by trying what the hash was of.
 */

/** Version of the document and of what is signed. */
const FORM = 1

/** What a freeze holds of a line: all but what only withdrawals tell. */
export type FrozenLine = Omit<StartListLine, 'formerCategories'>

/** A row of a freeze. Hashes are 32 bytes. */
export interface FrozenRow {
  line: FrozenLine
  /** Null when something was erased. */
  salt: string | null
  hash: Buffer
}

/** What is signed. */
export interface Manifest {
  state: StartListState
  rows: number
  /** Of the document. */
  sha256: Buffer
  /** Of the hashes of all rows, one behind the other. */
  rowsSha256: Buffer
}

export const rowHash = (line: FrozenLine, salt: string): Buffer =>
  hash('sha256', `${salt}\n${canonicalJson(line as unknown as Json)}`, 'buffer')

/** The document up to its first row, behind its last, and between two. */
export const documentHead = (state: StartListState): string =>
  `{"about":${canonicalJson({ form: FORM, ...state } as unknown as Json)},"rows":[`
export const DOCUMENT_END = ']}'
export const BETWEEN_ROWS = ','

/** A row as it stands in the document. */
export const documentRow = ({ line, salt }: Pick<FrozenRow, 'line' | 'salt'>): string =>
  canonicalJson({ ...line, salt } as unknown as JsonObject)

/** The text that is signed. */
export const manifestText = ({ state, rows, sha256, rowsSha256 }: Manifest): string =>
  canonicalJson({
    ...{ form: FORM, state, rows },
    ...{ sha256: sha256.toString('hex'), rowsSha256: rowsSha256.toString('hex') },
  } as unknown as Json)

/** Fields of a line that tell what a column of a stored row tells, or what stands beside it in a provider's record. */
const TOLD_BY: { readonly [column in keyof Content]?: readonly LineField[] } = {
  first_name: ['firstName', 'middleName'],
  last_name: ['lastName'],
  email: ['email'],
  phone: ['phone'],
  date_of_birth: ['dateOfBirth'],
  gender: ['gender'],
  nationality: ['nationality', 'street', 'city', 'state', 'zip', 'country'],
  emergency_contact: ['emergencyContact'],
  // No part of its own: it goes with the person.
  team_affiliation: ['team', 'shirt'],
  listed_age: ['age'],
  age_on_race_day: ['age'],
  payment_status: ['paymentStatus'],
  amount_paid: ['amountPaid'],
  special_requirements: ['specialRequirements', 'answers'],
}

/** Fields of a line that have to go with these columns of a stored row. */
export function fieldsToldBy(columns: readonly (keyof Content)[]): LineField[] {
  return [...new Set(columns.flatMap((column) => TOLD_BY[column] ?? []))]
}
