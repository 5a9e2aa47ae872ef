import { isDeepStrictEqual } from 'node:util'
import type { Catalogue } from '../adoption/catalogue.ts'
import { keyedTables } from '../adoption/keyed-tables.ts'
import { participantsTables } from '../adoption/participants-tables.ts'
import { serialColumns } from '../adoption/sequences.ts'
import type { PartOf } from '../adoption/shape.ts'
import { spellings } from '../adoption/spelling.ts'
import { targetTables } from '../adoption/target.ts'
import { isMadeAnew } from '../adoption/views.ts'
import { TENANT_ROLE, WORKER_ROLE } from '../isolation/grants.ts'
import { steps } from '../migrations/index.ts'
import { keyOf, Names, type Shape } from './shapes.ts'

/** What adoption and the steps after it made of a legacy table, and what others did since. */
export interface TableDifference {
  table: string
  /** Columns of startlist's; they go. */
  added: string[]
  /** Columns that somebody dropped since: nothing brings them back. */
  lost: string[]
  /** Columns by their name of then whose type, default or `NOT NULL` is another one. */
  changed: { was: PartOf<'column'>; now: PartOf<'column'> }[]
  constraints: Moves<PartOf<'constraint'>>
  indexes: Moves<PartOf<'index'>>
  triggers: PartOf<'trigger'>[]
  policies: PartOf<'policy'>[]
  sequences: PartOf<'sequence'>[]
  /** Policies of somebody's since then that would no longer be looked at. */
  disarmed: PartOf<'policy'>[]
}

interface Moves<T> {
  /** Startlist's, or of its shape: they go. */
  gone: T[]
  /** Those of then that are to be made again. */
  again: T[]
}

/** Then and now, and what lies between. */
export interface Difference {
  was: Shape
  now: Shape
  names: Names
  tables: TableDifference[]
  /** Readers' views that are dropped, and made again as they were if they were there. */
  remade: readonly string[]
  /** Parts that others made, changed or dropped since: they stay as they are now. */
  others: ReadonlySet<string>
}

const STARTLIST_ROLES: ReadonlySet<string> = new Set([TENANT_ROLE, WORKER_ROLE])
export const isOurRole = (role: string | null): boolean => role !== null && STARTLIST_ROLES.has(role)

export function differenceOf(was: Shape, now: Shape, { dependents }: Catalogue): Difference {
  const names = new Names(was, now)
  const tables = was.all('table').map(({ table }) => tableDifference({ was, now, names }, table))
  const remade = now
    .all('view')
    .map(({ name }) => name)
    .filter(
      (name) =>
        isMadeAnew(`public.${name}`) ||
        dependents.some((one) => one.name === `public.${name}` && changes(tables, one)),
    )
  return { was, now, names, tables, remade, others: othersOf({ was, now, names }, tables) }
}

/** Whether a column goes or gets another type, so that nothing may look at it meanwhile. */
export function changes(tables: readonly TableDifference[], at: { table: string; column: string }): boolean {
  const its = tables.find(({ table }) => table === at.table)
  if (its === undefined) return false
  return (
    its.added.includes(at.column) ||
    its.changed.some(({ was, now }) => now.name === at.column && was.shape.type !== now.shape.type)
  )
}

type Both = Pick<Difference, 'was' | 'now' | 'names'>

function tableDifference(both: Both, table: string): TableDifference {
  const { was, now, names } = both
  const known = startlistColumns(table)
  const isOfThen = (name: string) => {
    const old = names.was(table, name)
    return old !== null && was.hasColumn(table, old)
  }
  const added = now
    .all('column', table)
    .map(({ name }) => name)
    .filter((name) => !isOfThen(name) && known.has(name))
  const pairs: { was: PartOf<'column'>; now: PartOf<'column'> | undefined }[] = was
    .all('column', table)
    .map((column) => ({
      was: column,
      now: now.find('column', table, names.now(table, column.name)),
    }))
  const policies = now.all('policy', table).filter((part) => !same(was, part))
  const isOff = was.find('table', table, table)?.shape.rowSecurity === false
  return {
    table,
    added,
    lost: pairs.filter((pair) => pair.now === undefined).map((pair) => pair.was.name),
    changed: pairs.filter((pair): pair is TableDifference['changed'][number] => isChanged(pair)),
    constraints: constraintMoves(both, table, added),
    indexes: indexMoves(both, table, added),
    triggers: now
      .all('trigger', table)
      .filter((part) => part.shape.schema === 'startlist' && !same(was, part)),
    policies: policies.filter(({ name }) => name === 'tenant'),
    sequences: now.all('sequence', table).filter((part) => !same(was, part) && isOurSequence(part)),
    disarmed: isOff ? policies.filter(({ name }) => name !== 'tenant') : [],
  }
}

function isChanged({ was, now }: { was: PartOf<'column'>; now: PartOf<'column'> | undefined }): boolean {
  return (
    now !== undefined &&
    (was.shape.type !== now.shape.type ||
      was.shape.notNull !== now.shape.notNull ||
      was.shape.default !== now.shape.default)
  )
}

/** Everything that some step of ours adds to a table, or would make it with. */
function startlistColumns(table: string): ReadonlySet<string> {
  const added = steps
    .flatMap(({ statements }) => statements)
    .filter((text) => new RegExp(`^ALTER TABLE ${table}\\s`).test(text))
    .flatMap((text) => [...text.matchAll(/ADD COLUMN IF NOT EXISTS (\w+)/g)].map((match) => match[1]!))
  const own = targetTables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? []
  const mirrors = spellings.filter((one) => one.table === table).map(({ other }) => other)
  return new Set([...added, ...own, ...mirrors])
}

function constraintMoves(both: Both, table: string, added: readonly string[]): Moves<PartOf<'constraint'>> {
  const { was, now, names } = both
  const told = (part: PartOf<'constraint'>, isNow: boolean) => {
    const { type, columns, target, targetColumns, rules, definition } = part.shape
    if (type !== 'f') return isNow ? names.definitionThen(table, definition) : definition
    const of = (owner: string, list: string[]) => (isNow ? list.map((name) => names.was(owner, name)) : list)
    return [of(table, columns), target, of(target!, targetColumns), rules]
  }
  const isKept = (old: PartOf<'constraint'>, its: PartOf<'constraint'>) =>
    old.name === its.name && isDeepStrictEqual(told(old, false), told(its, true))
  const [before, after] = [was.all('constraint', table), now.all('constraint', table)]
  const unique = participantsTables.find((one) => one.table === table)?.constraint
  const isOurs = ({ name, shape }: PartOf<'constraint'>) =>
    shape.type === 'p' ||
    name === unique ||
    shape.columns.some((column) => added.includes(column)) ||
    (keyedTables.some((keyed) => keyed.table === shape.target) &&
      shape.targetColumns.includes('timing_partner_id'))
  return {
    gone: after.filter(
      (its) => !before.some((old) => isKept(old, its)) && (isOurs(its) || isNamed(before, its)),
    ),
    again: before.filter((old) => !after.some((its) => isKept(old, its))),
  }
}

/** Whether then had one of this name: the two cannot both be there. */
const isNamed = (before: readonly { name: string }[], its: { name: string }): boolean =>
  before.some(({ name }) => name === its.name)

const INDEX = /^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)/
const OUR_INDEXES: ReadonlySet<string> = new Set([
  ...steps.flatMap(({ statements }) => statements.flatMap((text) => INDEX.exec(text)?.slice(1) ?? [])),
  ...keyedTables.map(({ table, key }) => `${table}_${key}`),
])

function indexMoves(both: Both, table: string, added: readonly string[]): Moves<PartOf<'index'>> {
  const { was, now, names } = both
  const isKept = (old: PartOf<'index'>, its: PartOf<'index'>) =>
    old.name === its.name && old.shape.definition === names.definitionThen(table, its.shape.definition)
  const [before, after] = [was.all('index', table), now.all('index', table)]
  const isOurs = ({ name, shape }: PartOf<'index'>) =>
    OUR_INDEXES.has(name) || shape.columns.some((column) => added.includes(column))
  return {
    gone: after.filter(
      (its) => !before.some((old) => isKept(old, its)) && (isOurs(its) || isNamed(before, its)),
    ),
    again: before.filter((old) => !after.some((its) => isKept(old, its))),
  }
}

const isOurSequence = ({ table, name }: PartOf<'sequence'>): boolean =>
  serialColumns.some((serial) => serial.table === table && name === `${table}_${serial.column}_seq`)

const same = (shape: Shape, part: Parameters<typeof keyOf>[0] & { shape: object }): boolean =>
  isDeepStrictEqual(shape.parts.find((one) => keyOf(one) === keyOf(part))?.shape, part.shape)

/** Kinds of which startlist changes nothing that others made. */
const LEFT_ALONE = new Set(['trigger', 'policy', 'sequence', 'grant'])

function othersOf({ was, now, names }: Both, tables: readonly TableDifference[]): ReadonlySet<string> {
  const leaving = new Set(
    tables
      .flatMap((one) => [
        ...[...one.constraints.gone, ...one.indexes.gone, ...one.triggers, ...one.policies, ...one.sequences],
        ...one.added.map((name) => ({ kind: 'column' as const, table: one.table, name })),
      ])
      .map(keyOf),
  )
  const newer = now.parts.filter(
    (part) =>
      (part.kind === 'grant' || was.hasTable(part.table)) &&
      !leaving.has(keyOf(part)) &&
      !(part.kind === 'grant' && isOurRole(part.shape.grantee)) &&
      was.parts.every((old) => keyOf(old) !== keyOf(part)) &&
      !(part.kind === 'column' && names.was(part.table, part.name) !== part.name),
  )
  const older = was.parts.filter((part) => LEFT_ALONE.has(part.kind) && !same(now, part))
  const retouched = was.parts.filter((part) => isRetouched(part, { was, now, names }))
  return new Set([...newer, ...older, ...retouched].map(keyOf))
}

/** Whether somebody changed of a table or a column what startlist leaves alone: its comment, its owner, its storage. */
function isRetouched(part: Shape['parts'][number], { now, names }: Both): boolean {
  if (part.kind !== 'table' && part.kind !== 'column') return false
  const its = now.find(
    part.kind,
    part.table,
    part.kind === 'table' ? part.name : names.now(part.table, part.name),
  )
  if (its === undefined) return false
  const {
    nth: _,
    type: __,
    notNull: ___,
    default: ____,
    rowSecurity: _____,
    ...mine
  } = {
    ...{ nth: 0, type: '', notNull: false, default: null, rowSecurity: false },
    ...part.shape,
  }
  return Object.entries(mine).some(
    ([name, value]) => !isDeepStrictEqual(value, (its.shape as unknown as Record<string, unknown>)[name]),
  )
}
