import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { retypedColumns } from './columns.ts'
import { keyedTables } from './keyed-tables.ts'
import { actualName, respelled } from './spelling.ts'
import { targetNames, targetTables } from './target.ts'
import { isKnownView, isMadeAnew, type SavedView, unknownColumns } from './views.ts'

/** Tables without which the others mean nothing. */
const CORE = ['timing_partners', 'providers', 'partner_provider_credentials']

/** What a person has to decide before this database can be adopted; empty when nothing stands in the way. */
export function blockersOf(catalogue: Catalogue, views: readonly SavedView[]): string[] {
  return [
    ...CORE.filter((name) => !catalogue.tables.has(name)).map((name) => `there is no table ${name}`),
    ...unrecognised(catalogue),
    ...dependents(catalogue),
    ...otherViews(views),
    ...foreignKeys(respelled(catalogue)),
  ]
}

/** Tables that this role may not alter. */
export function notOwned(catalogue: Catalogue): string[] {
  return targetNames.filter((name) => catalogue.tables.get(name)?.owned === false)
}

/** A table of the right name and other contents is somebody else's. */
function unrecognised(catalogue: Catalogue): string[] {
  return targetTables.flatMap((target) => {
    const table = catalogue.tables.get(target.name)
    if (table === undefined) return []
    const lacking = target.columns
      .filter(({ name, notNull }) => notNull && !table.columns.has(actualName(table, name)))
      .map(({ name }) => name)
    return lacking.length === 0
      ? []
      : [`table ${table.name} is not the one that startlist knows: it lacks ${lacking.join(', ')}`]
  })
}

/** Views, rules, triggers and policies of others on a column whose type changes. */
function dependents(catalogue: Catalogue): string[] {
  const texts = catalogue.dependents
    .filter(({ kind, name }) => !(kind === 'view' && isKnownView(name)))
    .filter(
      ({ table, column }) => isMadeAnew(`public.${table}`) || isRetyped(catalogue.tables.get(table), column),
    )
    .map(({ kind, name, table }) => {
      const why = isMadeAnew(`public.${table}`)
        ? 'which is made anew'
        : 'of which columns change from varchar to text'
      return `${kind === 'view' ? `view ${name}` : name} looks at ${table}, ${why}`
    })
  return [...new Set(texts)]
}

/** Views that are made anew, and would then show less than before, or more. */
function otherViews(views: readonly SavedView[]): string[] {
  const anew = views.filter(({ name }) => isMadeAnew(name))
  const strict = anew.filter(({ options }) =>
    options.some((option) => /^security_invoker=(true|on|1)/.test(option)),
  )
  return [
    ...strict.map(
      ({ name }) => `view ${name} is read with its reader's rights (security_invoker), startlist's is not`,
    ),
    ...anew.flatMap((view) => {
      const more = unknownColumns(view)
      return more.length === 0
        ? []
        : [`view ${view.name} has columns that startlist's has not: ${more.join(', ')}`]
    }),
  ]
}

function isRetyped(table: CatalogueTable | undefined, column: string): boolean {
  const target = targetTables.find(({ name }) => name === table?.name)
  return table !== undefined && target !== undefined && retypedColumns(table, target).includes(column)
}

/** Foreign keys of others to a key that is given up. */
function foreignKeys(catalogue: Catalogue): string[] {
  return [...catalogue.tables.values()].flatMap((table) =>
    table.constraints
      .filter(({ target }) => {
        const keyed = keyedTables.find((one) => one.table === target?.table)
        return (
          keyed !== undefined &&
          !keyed.children.some((child) => child.table === table.name) &&
          !target!.columns.includes('timing_partner_id')
        )
      })
      .map(
        ({ name, target }) =>
          `foreign key ${name} of ${table.name} points to ${target!.table} by ${target!.columns.join(', ')} alone, which will no longer be its key`,
      ),
  )
}
