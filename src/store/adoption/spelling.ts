import { type Statement, statement } from '../steps/unit.ts'
import type { Catalogue, CatalogueTable, Constraint } from './catalogue.ts'

/**
 * The scripts that made these databases disagree about a few names. The column gets the name that this release reads;
 * the other name stays, as a column beside it that a trigger keeps equal, so that readers and writers of either go on.
 */
export interface Spelling {
  table: string
  /** What this release calls it. */
  column: string
  /** What another script called it. */
  other: string
}

export const spellings: readonly Spelling[] = [
  { table: 'timing_partners', column: 'timing_partner_id', other: 'id' },
  { table: 'timing_partners', column: 'company_name', other: 'name' },
  { table: 'providers', column: 'provider_id', other: 'id' },
  { table: 'providers', column: 'name', other: 'provider_name' },
  { table: 'haku_events', column: 'status', other: 'event_status' },
]

/** The columns of a table that go by their other name. */
function misspelled(table: CatalogueTable): Spelling[] {
  return spellings.filter(
    (spelling) =>
      spelling.table === table.name &&
      !table.columns.has(spelling.column) &&
      table.columns.has(spelling.other),
  )
}

/** What a column is called right now. */
export function actualName(table: CatalogueTable, column: string): string {
  return misspelled(table).find((spelling) => spelling.column === column)?.other ?? column
}

/** The catalogue as it reads once the columns have this release's names: the plan of later steps is made from it. */
export function respelled(catalogue: Catalogue): Catalogue {
  const renamed = (table: string, column: string): string => {
    const of = catalogue.tables.get(table)
    const found = of && misspelled(of).find(({ other }) => other === column)
    return found?.column ?? column
  }
  const all = (table: string, columns: readonly string[]) => columns.map((column) => renamed(table, column))
  const constraint = (table: string, { columns, target, ...rest }: Constraint): Constraint => ({
    ...rest,
    columns: all(table, columns),
    target: target && { table: target.table, columns: all(target.table, target.columns) },
  })
  const tables = [...catalogue.tables.values()].map(
    (table): CatalogueTable => ({
      ...table,
      columns: new Map([...table.columns].map(([name, column]) => [renamed(table.name, name), column])),
      constraints: table.constraints.map((one) => constraint(table.name, one)),
      indexes: table.indexes.map((index) => ({ ...index, columns: all(table.name, index.columns) })),
    }),
  )
  return {
    tables: new Map(tables.map((table) => [table.name, table])),
    dependents: catalogue.dependents.map((one) => ({ ...one, column: renamed(one.table, one.column) })),
  }
}

/** Gives columns the names of this release and keeps the others beside them. */
export function respell(table: CatalogueTable): Statement[] {
  const found = misspelled(table)
  if (found.length === 0) return []
  return [
    ...found.map(({ column, other }) =>
      statement(`ALTER TABLE ${table.name} RENAME COLUMN ${other} TO ${column}`),
    ),
    ...found.flatMap((spelling) => mirror(table, spelling)),
    statement(mirrorFunction(table.name, found)),
    statement(`CREATE OR REPLACE TRIGGER mirror_spellings BEFORE INSERT OR UPDATE ON ${table.name}
  FOR EACH ROW EXECUTE FUNCTION startlist.mirror_${table.name}()`),
  ]
}

function mirror(table: CatalogueTable, { column, other }: Spelling): Statement[] {
  const { type } = table.columns.get(other)!
  const isKey = table.constraints.some(
    ({ kind, columns }) =>
      (kind === 'primary' || kind === 'unique') && columns.length === 1 && columns[0] === other,
  )
  return [
    statement(
      `ALTER TABLE ${table.name} ADD COLUMN ${other} ${type.startsWith('character') ? 'text' : type}`,
    ),
    statement(`UPDATE ${table.name} SET ${other} = ${column}`, table.estimate),
    ...(isKey ? [statement(`ALTER TABLE ${table.name} ADD UNIQUE (${other})`)] : []),
  ]
}

/** Whoever writes one of the two names has written both. */
function mirrorFunction(table: string, found: readonly Spelling[]): string {
  const inserted = found.map(
    ({ column, other }) =>
      `      IF NEW.${other} IS NULL THEN NEW.${other} := NEW.${column}; ELSE NEW.${column} := NEW.${other}; END IF;`,
  )
  const updated = found.map(
    ({ column, other }) =>
      `      IF NEW.${other} IS DISTINCT FROM OLD.${other} THEN NEW.${column} := NEW.${other}; ELSE NEW.${other} := NEW.${column}; END IF;`,
  )
  return `CREATE OR REPLACE FUNCTION startlist.mirror_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
${inserted.join('\n')}
    ELSE
${updated.join('\n')}
    END IF;
    RETURN NEW;
  END $$`
}
