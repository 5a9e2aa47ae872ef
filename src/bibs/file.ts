import { CsvError, parse } from 'csv-parse/sync'
import { readBib } from '../domain/bib.ts'
import { StartlistError } from '../domain/errors.ts'
import { readDateOfBirth } from '../domain/person.ts'
import { clean } from '../domain/text.ts'

/** A file of bibs, as spreadsheets and other programs write it. */

/** A bib that is asked for, and for whom: a registration number, or a full name with a birth date. */
export interface WantedBib {
  /** Line of the file, from 1; 0 where there is no file. */
  line: number
  registration: string | null
  person: { name: string; dateOfBirth: string } | null
  /** Null leaves the bib as it is in a file, and takes it back where a person names a registration. */
  bib: string | null
}

/** What columns mean, by the letters and digits of their heads; further names can be added. */
const HEADS = {
  registration: [
    ...['registration', 'registrationid', 'registrationnumber', 'registrationno', 'regid', 'reg'],
    ...['participantid', 'participant', 'externalid', 'entryid', 'id'],
  ],
  bib: ['bib', 'bibnumber', 'bibnum', 'bibno', 'raceno', 'racenumber', 'startnumber', 'tagnumber'],
  first: ['first', 'firstname', 'givenname', 'forename'],
  last: ['last', 'lastname', 'surname', 'familyname'],
  name: ['name', 'fullname', 'athlete', 'runner'],
  born: ['dob', 'dateofbirth', 'birthdate', 'birthday', 'born'],
} as const
type Role = keyof typeof HEADS

/** More than any race has; what a file may ask for is held in memory. */
const MOST_ROWS = 200_000
const MOST_FAULTS = 20

/**
 * Reads a file of bibs: CSV with commas, semicolons or tabs, in UTF-8 or UTF-16, its columns in any order under names
 * such as `Registration ID`, `participant_id`, `Bib #`, `First name`. Other columns are passed over.
 * @throws StartlistError BAD_INPUT that names lines and columns, and no value
 */
export function readBibFile(bytes: Uint8Array): WantedBib[] {
  const text = decode(bytes)
  const { columns, rows } = table(text)
  if (!columns.has('bib'))
    throw new StartlistError('BAD_INPUT', 'the file has no column of bibs', { hint: HEADS_HINT })
  const named = columns.has('born') && (columns.has('name') || columns.has('last'))
  if (!columns.has('registration') && !named)
    throw new StartlistError('BAD_INPUT', 'the file does not say whose the bibs are', { hint: HEADS_HINT })
  if (rows.length > MOST_ROWS)
    throw new StartlistError('BAD_INPUT', `the file has more than ${MOST_ROWS} lines`)
  const faults: string[] = []
  const wanted = rows.map(({ line, cells }) => {
    const cell = (role: Role) => unprotected(clean(cells[columns.get(role) ?? -1] ?? null))
    const bib = readBib(cell('bib') ?? '')
    if (bib === undefined) faults.push(`line ${line}: what stands in the column of bibs is too long for one`)
    const born = readDateOfBirth(cell('born'))
    if (born === undefined)
      faults.push(`line ${line}: the birth date is none, or has its year last and its day first`)
    const full = cell('name')
    const parts = [cell('first'), cell('last')].filter((part) => part !== null)
    const name = foldName(full === null ? parts.join(' ') : turned(full))
    const person = name === '' || born == null ? null : { name, dateOfBirth: born }
    return { line, registration: cell('registration'), person, bib: bib ?? null }
  })
  if (faults.length > 0) {
    const more = faults.length > MOST_FAULTS ? [`and ${faults.length - MOST_FAULTS} more`] : []
    throw new StartlistError('BAD_INPUT', [...faults.slice(0, MOST_FAULTS), ...more].join('; '))
  }
  return wanted
}

const HEADS_HINT =
  'The first line names the columns: bib, and registration, or first name, last name and date of birth.'

/** A full name as it is compared: without regard to case and to how wide its blanks are. */
export const foldName = (name: string): string => (clean(name) ?? '').toLowerCase()

/** `Last, First` the other way round. */
function turned(name: string): string {
  const [last, first, ...others] = name.split(',')
  return first !== undefined && others.length === 0 ? `${first} ${last}` : name
}

/** The apostrophe with which an export keeps a spreadsheet from running a cell as a formula. */
const unprotected = (text: string | null): string | null =>
  text !== null && /^'[=+\-@]/.test(text) ? text.slice(1) : text

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new StartlistError('BAD_INPUT', 'the file is not text in UTF-8 or UTF-16', {
      hint: 'Save it as "CSV UTF-8".',
    })
  }
}

interface Table {
  columns: Map<Role, number>
  rows: { line: number; cells: string[] }[]
}

function table(text: string): Table {
  const head = text.slice(0, text.search(/[\r\n]|$/))
  const count = (mark: string) => head.split(mark).length
  const delimiter = [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
  try {
    const options = { delimiter, info: true, skip_empty_lines: true, relax_column_count: true, bom: true }
    // With `info` a line comes with its number, which the types do not know of.
    const [heads, ...rows] = parse(text, options) as unknown as {
      record: string[]
      info: { lines: number }
    }[]
    if (heads === undefined) throw new StartlistError('BAD_INPUT', 'the file is empty')
    return {
      columns: columnsOf(heads.record),
      rows: rows
        .filter(({ record }) => record.some((cell) => cell.trim() !== ''))
        .map(({ record, info }) => ({ line: info.lines, cells: record })),
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // Its message quotes the line, and the line has a person in it.
    const where = typeof error.lines === 'number' ? ` at line ${error.lines}` : ''
    throw new StartlistError('BAD_INPUT', `the file is no CSV${where} (${error.code})`)
  }
}

function columnsOf(heads: readonly string[]): Map<Role, number> {
  const columns = new Map<Role, number>()
  for (const [place, head] of heads.entries()) {
    const role = (Object.keys(HEADS) as Role[]).find((one) =>
      (HEADS[one] as readonly string[]).includes(folded(head)),
    )
    if (role === undefined) continue
    const twin = columns.get(role)
    // A file with a registration and an `id` means the registration.
    if (twin !== undefined && role === 'registration') {
      if (rank(heads[twin]) > rank(head)) columns.set(role, place)
      if (rank(heads[twin]) !== rank(head)) continue
    }
    if (twin !== undefined)
      throw new StartlistError(
        'BAD_INPUT',
        `columns ${twin + 1} and ${place + 1} both are the ${role} column`,
        {
          hint: 'Leave the one that counts, and give the other another name.',
        },
      )
    columns.set(role, place)
  }
  return columns
}

const folded = (head: string): string => head.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
const rank = (head = ''): number => (HEADS.registration as readonly string[]).indexOf(folded(head))
