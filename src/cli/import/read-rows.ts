import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { ProviderName } from '../../domain/account.ts'
import { StartlistError } from '../../domain/errors.ts'
import { isZone } from '../../domain/event-time.ts'

/** The columns of a file of credentials, as CSV heads them and JSON names them. */
export const COLUMNS = [
  'partner',
  'organization',
  'provider',
  'client_id',
  'client_secret',
  'timezone',
] as const

/** A credential that a file asks for. */
export interface ImportRow {
  /** Line of a CSV, place in a JSON array, both from 1: to find it again without repeating what stands there. */
  line: number
  /** Name or number of the timing partner. */
  partner: string
  organization: string
  provider: ProviderName
  principal: string
  secret: string
  timezone: string | null
}

const required = z.string({ error: 'is missing' }).trim().min(1, 'is empty')
const rowForm = z.strictObject(
  {
    partner: z.union([required, z.int().transform(String)], { error: 'is missing' }),
    organization: required,
    provider: required.toLowerCase().pipe(z.enum(['haku', 'runsignup'], 'is haku or runsignup')),
    client_id: required,
    // Not trimmed: a blank may belong to a secret.
    client_secret: z
      .string({ error: 'is missing' })
      .refine((text) => text.trim() !== '', 'is empty')
      .refine((text) => text.length <= 4_096 && !/[\r\n\0]/.test(text), 'has to be a single line'),
    timezone: z
      .string('is no time zone')
      .trim()
      .nullish()
      .transform((text) => text || null)
      .refine((text) => text === null || isZone(text), 'is no time zone'),
  },
  { error: `has other fields than ${COLUMNS.join(', ')}` },
)

/**
 * Reads a file of credentials: JSON where it begins with a bracket, else CSV. All of it or nothing.
 * @throws StartlistError BAD_INPUT that names every faulty line and field, and no value
 */
export function readRows(text: string): ImportRow[] {
  const content = text.replace(/^\uFEFF/, '')
  const records = /^\s*[[{]/.test(content) ? fromJson(content) : fromCsv(content)
  if (records.length === 0) throw new StartlistError('BAD_INPUT', 'the file has no credential in it')
  const faults: string[] = []
  const rows: ImportRow[] = []
  const seen = new Map<string, number>()
  for (const { line, record } of records) {
    const { success, data, error } = rowForm.safeParse(record)
    if (!success) {
      faults.push(...error.issues.map(({ path, message }) => `line ${line}: ${[...path, message].join(' ')}`))
      continue
    }
    const { partner, organization, provider, client_id: principal, client_secret: secret, timezone } = data
    const key = JSON.stringify([partner.toLowerCase(), provider, principal])
    const twin = seen.get(key)
    if (twin !== undefined) faults.push(`line ${line}: the same client id as line ${twin}`)
    seen.set(key, line)
    rows.push({ line, partner, organization, provider, principal, secret, timezone })
  }
  if (faults.length > 0) throw new StartlistError('BAD_INPUT', shortened(faults).join('; '))
  return rows
}

interface Located {
  line: number
  record: unknown
}

function fromCsv(text: string): Located[] {
  try {
    const parsed: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()),
      info: true,
      skip_empty_lines: true,
    })
    return parsed.map(({ record, info }) => ({ line: info.lines, record }))
  } catch (error) {
    // Its message quotes the line, and the line has a secret in it.
    const { code, lines } = error instanceof CsvError ? error : { code: 'unknown', lines: undefined }
    const where = typeof lines === 'number' ? ` at line ${lines}` : ''
    throw new StartlistError('BAD_INPUT', `the file is no CSV${where} (${code})`, {
      hint: 'startlist credentials import --template shows what it looks like.',
    })
  }
}

function fromJson(text: string): Located[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The error of JSON.parse quotes the text around the fault.
    throw new StartlistError('BAD_INPUT', 'the file is no JSON')
  }
  if (!Array.isArray(parsed)) throw new StartlistError('BAD_INPUT', 'the JSON has to be an array of objects')
  return parsed.map((record: unknown, i) => ({ line: i + 1, record }))
}

const MOST_FAULTS = 20
const shortened = (faults: readonly string[]) =>
  faults.length <= MOST_FAULTS
    ? faults
    : [...faults.slice(0, MOST_FAULTS), `and ${faults.length - MOST_FAULTS} more`]
