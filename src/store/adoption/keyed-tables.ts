import type { Catalogue } from './catalogue.ts'
import { hakuEvents } from './haku.ts'
import { runsignupEvents, runsignupRaces } from './runsignup.ts'

/**
 * A legacy table whose key was the provider's id alone: the second timing partner to share an organization could not
 * have the row. Its key becomes (timing_partner_id, id) (M3).
 */
export interface KeyedTable {
  table: string
  /** The column of the provider's id. */
  key: string
  /** The column of what it is called. */
  name: string
  /** Columns that may name a credential, by its client id or its organization. */
  names: readonly string[]
  /** Where rows go that nobody can be found for. */
  unassigned: string
  children: readonly Child[]
}

/** A table whose rows belong to one of a keyed table, by the key's column of the same name. */
export interface Child {
  table: string
  /** Columns that a parent's row needs when only children tell of it. */
  tells: readonly string[]
}

/** Parents before their children. */
export const keyedTables: readonly KeyedTable[] = [hakuEvents, runsignupRaces, runsignupEvents]

/** Those that a database has, with the children that it has. */
export function keyedTablesIn({ tables }: Catalogue): KeyedTable[] {
  return keyedTables
    .filter(({ table }) => tables.has(table))
    .map((keyed) => ({ ...keyed, children: keyed.children.filter((child) => tables.has(child.table)) }))
}
