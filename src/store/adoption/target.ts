import { legacyTables } from '../migrations/legacy-tables.ts'

/** A legacy table as this release would make it, read off the one place where it is written down. */
export interface TargetTable {
  name: string
  columns: readonly TargetColumn[]
}

export interface TargetColumn {
  name: string
  type: string
  /** `serial` or `bigserial`: filled from a sequence of its own. */
  serial: boolean
  notNull: boolean
  default: string | null
}

const TABLE = /^CREATE TABLE IF NOT EXISTS (\w+) \(\n([\s\S]*)\n {2}\)$/
const COLUMN = /^ {4}([a-z_]+) ([a-z]+(?:\(\d+,\d+\))?)(.*?),?$/
const CONSTRAINT = /^ {4}(PRIMARY KEY|FOREIGN KEY|CONSTRAINT|UNIQUE)\b/

/** The tables that legacy readers know, in an order in which foreign keys find what they point to. */
export const targetTables: readonly TargetTable[] = legacyTables.flatMap((statement) => {
  const match = TABLE.exec(statement)
  return match === null ? [] : [{ name: match[1]!, columns: columnsOf(match[2]!) }]
})

export const targetNames: readonly string[] = targetTables.map(({ name }) => name)

function columnsOf(body: string): TargetColumn[] {
  return body
    .split('\n')
    .filter((line) => !CONSTRAINT.test(line))
    .map((line) => {
      const [, name, type, rest] = COLUMN.exec(line)!
      const serial = type!.endsWith('serial')
      return {
        name: name!,
        type: serial ? type!.replace('serial', 'int') : type!,
        serial,
        notNull: serial || /NOT NULL|PRIMARY KEY/.test(rest!),
        default: /DEFAULT (\S+)/.exec(rest!)?.[1] ?? null,
      }
    })
}
