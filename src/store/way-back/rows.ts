import { type KeyedTable, keyedTables } from '../adoption/keyed-tables.ts'
import { type ParticipantsTable, participantsTables } from '../adoption/participants-tables.ts'
import type { RowChange } from '../adoption/record.ts'
import { type Statement, statement } from '../steps/unit.ts'
import type { Difference } from './difference.ts'

/**
 * Rows as they were: what adoption changed in one that startlist never met is taken back, what it made goes, what it
 * moved aside comes home. One that startlist met since stays as it is, for it is right now.
 */

const CREDENTIALS = 'partner_provider_credentials'

/** The texts that {@link seal} makes. */
export const SEALED = String.raw`'^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$'`

/** Tables of rows that could not stay where they were. */
export const asideNames: readonly string[] = [
  ...keyedTables.map(({ unassigned }) => unassigned),
  ...participantsTables.map(({ duplicates }) => duplicates),
  `${CREDENTIALS}_duplicates`,
]

/** Where the rows of a table went that could not stay; null where none did. */
export function asideOf({ was, now }: Difference, table: string): string | null {
  const name =
    keyedTables.find((one) => one.table === table)?.unassigned ??
    participantsTables.find((one) => one.table === table)?.duplicates ??
    (table === CREDENTIALS ? `${CREDENTIALS}_duplicates` : null)
  const isOurs = name !== null && now.find('relation', name, name) && !was.find('relation', name, name)
  return isOurs ? name : null
}

const noted = (table: string, change: RowChange, id: string, partner: string | null = null): string =>
  `FROM startlist.adopted_rows r WHERE r."table" = '${table}' AND r.change = '${change}' AND r.id = ${id}::text${
    partner === null ? '' : ` AND r.timing_partner_id = ${partner}`
  }`

/** No pass and no discovery has met the row (M5). */
const unmet = ({ table }: KeyedTable): string =>
  table === 'runsignup_races' ? 't.raw_data IS NULL' : 't.row_hash IS NULL'

/**
 * A row that adoption made and nobody wrote since: one with its id alone, or a copy of one that is there still. A name may
 * have come of a script, and no other row has it.
 */
const isMade = (keyed: KeyedTable, aside: string | null): string => {
  const { table, key } = keyed
  const elsewhere = [
    `t.${keyed.name} IS NULL`,
    `EXISTS (SELECT FROM ${table} o WHERE o.${key} = t.${key} AND o.timing_partner_id <> t.timing_partner_id)`,
    ...(aside === null ? [] : [`EXISTS (SELECT FROM ${aside} o WHERE o.${key} = t.${key})`]),
  ]
  return `${unmet(keyed)} AND EXISTS (SELECT ${noted(table, 'made', `t.${key}`, 't.timing_partner_id')})
    AND (${elsewhere.join(' OR ')})`
}

const isAssigned = (keyed: KeyedTable): string =>
  `${unmet(keyed)} AND EXISTS (SELECT ${noted(keyed.table, 'partner', `t.${keyed.key}`, 't.timing_partner_id')})`

const isAssignedPerson = ({ table }: ParticipantsTable): string =>
  `t.mapping_version IS NULL AND EXISTS (SELECT ${noted(table, 'partner', 't.id', 't.timing_partner_id')})`

const isBlankKey = ({ table, key }: ParticipantsTable): string =>
  `t.${key} IS NULL AND EXISTS (SELECT ${noted(table, 'key', 't.id')})`

/** Whether the local bib of a row is the one that adoption found in an older row, and nothing has confirmed it. */
const isInherited = ({ table, bib }: ParticipantsTable): string =>
  `t.mapping_version IS NULL AND t.${bib} = t.local_bib AND EXISTS (SELECT ${noted(table, 'bib', 't.id')})`

/** Rows whose local bib a person gave. @param where further conditions */
export const localBibs = (shape: ParticipantsTable): string =>
  `${shape.table} t WHERE t.local_bib IS NOT NULL AND NOT (${isInherited(shape)})`

/** A query for the rows that a table is going to have, with the columns of then under their names of then. Reading alone. */
export function futureRows(difference: Difference, table: string): string {
  const aside = asideOf(difference, table)
  const keyed = keyedTables.find((one) => one.table === table)
  const people = participantsTables.find((one) => one.table === table)
  const columns = namesOf(difference, table)
  const list = (told: Record<string, string> = {}) =>
    columns.map(({ was, now }) => `${told[now] ?? `t.${now}`} AS ${was}`).join(', ')
  if (people !== undefined) {
    const own = columns.map(({ now }) => now).join(', ')
    const both = [table, ...(aside === null ? [] : [aside])]
      .map((from) => `SELECT ${own}, local_bib, mapping_version FROM ${from}`)
      .join(' UNION ALL ')
    return `SELECT ${list({
      timing_partner_id: `CASE WHEN ${isAssignedPerson(people)} THEN NULL ELSE t.timing_partner_id END`,
      [people.key]: `CASE WHEN ${isBlankKey(people)} THEN (SELECT r.was ${noted(table, 'key', 't.id')})${people.keyIsText ? '' : '::bigint'} ELSE t.${people.key} END`,
      [people.bib]: `CASE WHEN ${isInherited(people)} THEN (SELECT r.was ${noted(table, 'bib', 't.id')}) ELSE t.${people.bib} END`,
    })} FROM (${both}) t`
  }
  const more = aside === null ? '' : ` UNION ALL SELECT ${list()} FROM ${aside} t`
  if (keyed !== undefined)
    return `SELECT ${list({
      timing_partner_id: `CASE WHEN ${isAssigned(keyed)} THEN NULL ELSE t.timing_partner_id END`,
    })} FROM ${table} t WHERE NOT (${isMade(keyed, aside)})${more}`
  // How long a secret is that is still sealed is seen when it is opened.
  const secret = { secret: `CASE WHEN t.secret ~ ${SEALED} THEN '' ELSE t.secret END` }
  return `SELECT ${list(table === CREDENTIALS ? secret : {})} FROM ${table} t${more}`
}

/** The columns of a table that then and now have in common, in their order. */
function namesOf({ was, now, names }: Difference, table: string): { was: string; now: string }[] {
  return was
    .all('column', table)
    .toSorted((a, b) => a.shape.nth - b.shape.nth)
    .map(({ name }) => ({ was: name, now: names.now(table, name) }))
    .filter((one) => now.hasColumn(table, one.now))
}

/** Statements that bring the rows of a table to what {@link futureRows} says, while no key or foreign key holds them. */
export function restoreRows(difference: Difference, table: string): Statement[] {
  const aside = asideOf(difference, table)
  const keyed = keyedTables.find((one) => one.table === table)
  const people = participantsTables.find((one) => one.table === table)
  const own = namesOf(difference, table).map(({ now }) => now)
  const home = (columns: readonly string[]) =>
    aside === null
      ? []
      : [`INSERT INTO ${table} (${columns.join(', ')})\n  SELECT ${columns.join(', ')} FROM ${aside}`]
  if (people !== undefined) return peopleHome(people, home([...new Set([...own, 'local_bib'])]), aside)
  if (keyed !== undefined)
    return [
      `DELETE FROM ${table} t WHERE ${isMade(keyed, aside)}`,
      `UPDATE ${table} t SET timing_partner_id = NULL WHERE ${isAssigned(keyed)}`,
      ...home(own),
    ].map((text) => statement(text))
  if (table === 'providers') return [statement(unusedProviders(difference))]
  return home(own).map((text) => statement(text))
}

function peopleHome(people: ParticipantsTable, home: readonly string[], aside: string | null): Statement[] {
  const { table, key, keyIsText, bib } = people
  // Those that come home first: they may have the timing partner that makes them the same registration.
  const nameless = [...(aside === null ? [] : [aside]), table].map(
    (name) => `UPDATE ${name} t SET timing_partner_id = NULL WHERE ${isAssignedPerson(people)}`,
  )
  return [
    ...nameless,
    ...home,
    ...(keyIsText
      ? [
          `UPDATE ${table} t SET ${key} = (SELECT r.was ${noted(table, 'key', 't.id')})\n  WHERE ${isBlankKey(people)}`,
        ]
      : []),
    `UPDATE ${table} t SET ${bib} = (SELECT r.was ${noted(table, 'bib', 't.id')})\n  WHERE ${isInherited(people)}`,
  ].map((text) => statement(text))
}

/** A provider that startlist entered goes again unless something belongs to it by now. */
function unusedProviders({ was }: Difference): string {
  const used = [CREDENTIALS, 'sync_history', 'sync_queue']
    .filter((table) => was.hasColumn(table, 'provider_id'))
    .map((table) => `\n    AND NOT EXISTS (SELECT FROM ${table} u WHERE u.provider_id = t.provider_id)`)
  return `DELETE FROM providers t WHERE EXISTS (SELECT FROM startlist.adopted_rows r
    WHERE r."table" = 'providers' AND r.change = 'made' AND lower(r.id) = lower(t.name))${used.join('')}`
}
