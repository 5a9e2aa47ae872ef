import { type Kysely, sql } from 'kysely'
import { StartlistError } from '../../domain/errors.ts'
import { type Catalogue, type CatalogueTable, readCatalogue } from '../adoption/catalogue.ts'
import { readAdoptedShape, readShape } from '../adoption/shape.ts'
import { targetNames } from '../adoption/target.ts'
import { ours } from '../isolation/grants.ts'
import { openStored } from '../key-rotation.ts'
import type { Database } from '../schema.ts'
import { type StoredSecret, storedSecrets } from '../sealed.ts'
import { isSealed } from '../secrets.ts'
import { together, type Unit } from '../steps/unit.ts'
import { JOBS_SCHEMA } from '../turns.ts'
import { othersInTheWay } from './dependents.ts'
import { type Difference, differenceOf } from './difference.ts'
import { type InTheWay, type Loss, rowsInTheWay, shapeInTheWay } from './in-the-way.ts'
import { asideNames, asideOf } from './rows.ts'
import { runningProcesses } from './running.ts'
import { Shape } from './shapes.ts'
import { backwards, type OwnThings } from './statements.ts'

/** What taking an adoption back would do, and what stands in its way. */
export interface WayBack {
  inTheWay: InTheWay[]
  /** Tables of startlist's own that go, with the rows that they have. */
  goes: { table: string; rows: number }[]
  /** Tables that this role may not alter. */
  notOwned: string[]
  /** Ids of credentials whose secrets are stored in plain text again. */
  opens: number[]
  /** All of it in one transaction, once the secrets are open. */
  unit: Unit
}

/** A secret, and what it is in the clear. */
export interface Opened {
  secret: StoredSecret
  plain: string
}

export interface WayBackOptions {
  /** Opens sealed secrets, which the scripts cannot read. */
  key: string
  /** Losses that somebody agreed to. */
  accept: ReadonlySet<Loss>
}

/**
 * Compares the database with what adoption found. Reading alone.
 * @throws StartlistError NO_WAY_BACK where nothing was recorded
 */
export async function planWayBack(
  db: Kysely<Database>,
  { key, accept }: WayBackOptions,
): Promise<WayBack & { opened: Opened[] }> {
  const catalogue = await readCatalogue(db)
  const difference = await readDifference(db, catalogue)
  const own = await ownThings(db, difference)
  const { opened, locked } = await openSecrets(db, difference, key)
  const inTheWay = [
    ...(await runningProcesses(db)),
    ...shapeInTheWay(difference),
    ...(await othersInTheWay(db, catalogue, difference, own.tables)),
    ...locked,
    ...(await rowsInTheWay(db, difference)),
  ].filter(({ kind }) => !accept.has(kind as Loss))
  const statements = backwards(difference, own, (table) => catalogue.tables.get(table)?.estimate ?? null)
  const lacking = ({ name, owned }: CatalogueTable) =>
    !owned && (difference.was.hasTable(name) || own.tables.includes(name))
  return {
    inTheWay,
    // What was set aside comes home before its table goes.
    goes: await countRows(
      db,
      own.tables.filter((table) => !asideNames.includes(table)),
    ),
    notOwned: [...catalogue.tables.values()].filter(lacking).map(({ name }) => name),
    opens: opened.map(({ secret }) => secret.id),
    unit: together('the shape of before adoption', statements),
    opened,
  }
}

/** @throws StartlistError NO_WAY_BACK */
async function readDifference(db: Kysely<Database>, catalogue: Catalogue): Promise<Difference> {
  const adopted = await readAdoptedShape(db)
  if (adopted.length > 0) return differenceOf(new Shape(adopted), new Shape(await readShape(db)), catalogue)
  const { rows } = await sql<{ adopted: boolean }>`
    SELECT EXISTS (SELECT FROM startlist.migrations WHERE name LIKE '0000\\_adopt%') AS adopted`.execute(db)
  throw rows[0]?.adopted
    ? new StartlistError(
        'NO_WAY_BACK',
        'This database was adopted by a release that kept no record of its shape.',
      )
    : new StartlistError(
        'NO_WAY_BACK',
        'This database was never adopted: startlist made its tables itself.',
        {
          hint: 'There is nothing to go back to. startlist export writes what it holds; dropping the database removes it.',
        },
      )
}

async function ownThings(db: Kysely<Database>, difference: Difference): Promise<OwnThings> {
  const { was, now } = difference
  const aside = was.all('table').map(({ table }) => asideOf(difference, table))
  const made = [...targetNames.filter((name) => !was.hasTable(name)), ...ours, ...aside]
  const { rows } = await sql<{ kind: 'v' | 'r' | 'f'; name: string }>`
    SELECT relkind::text AS kind, oid::regclass::text AS name FROM pg_class
      WHERE relnamespace = 'startlist'::regnamespace AND relkind IN ('r', 'v')
    UNION ALL SELECT 'f', oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'startlist'::regnamespace
    ORDER BY 1, 2`.execute(db)
  const { rows: jobs } = await sql<{
    is: boolean
  }>`SELECT to_regnamespace(${JOBS_SCHEMA}) IS NOT NULL AS is`.execute(db)
  const named = (kind: string) => rows.filter((row) => row.kind === kind).map(({ name }) => name)
  return {
    tables: [...new Set(made)].filter(
      (name): name is string =>
        name !== null &&
        now.find('relation', name, name) !== undefined &&
        now.find('view', name, name) === undefined &&
        was.find('relation', name, name) === undefined,
    ),
    views: named('v'),
    schemaTables: named('r'),
    functions: named('f'),
    jobsSchema: jobs[0]?.is ? JOBS_SCHEMA : null,
  }
}

/** Opens what the key opens; what it does not is in the way. */
async function openSecrets(
  db: Kysely<Database>,
  { was }: Difference,
  key: string,
): Promise<{ opened: Opened[]; locked: InTheWay[] }> {
  const table = 'partner_provider_credentials'
  const type = was.find('column', table, 'secret')?.shape.type ?? 'text'
  const longest = Number(/\((\d+)\)$/.exec(type)?.[1] ?? Number.POSITIVE_INFINITY)
  const opened: Opened[] = []
  const shut: string[] = []
  const long: string[] = []
  for (const secret of await storedSecrets(db)) {
    if (secret.kind !== 'credential' || !isSealed(secret.value)) continue
    try {
      const plain = await openStored(db, key, secret.context, secret.value)
      if (plain.length > longest) long.push(String(secret.id))
      else opened.push({ secret, plain })
    } catch (error) {
      if (!(error instanceof StartlistError)) throw error
      shut.push(String(secret.id))
    }
  }
  const told = (kind: InTheWay['kind'], what: string, keys: string[]): InTheWay[] =>
    keys.length === 0 ? [] : [{ kind, table, what, count: keys.length, keys }]
  return {
    opened,
    locked: [
      ...told('sealed', 'a secret is sealed, and STARTLIST_KEY does not open it', shut),
      ...told('too-long', `secret holds ${longest} characters`, long),
    ],
  }
}

async function countRows(
  db: Kysely<Database>,
  tables: readonly string[],
): Promise<{ table: string; rows: number }[]> {
  const counts: { table: string; rows: number }[] = []
  for (const table of tables) {
    const { rows } = await sql<{
      rows: number
    }>`SELECT count(*)::float8 AS rows FROM ${sql.table(table)}`.execute(db)
    counts.push({ table, rows: rows[0]!.rows })
  }
  return counts
}
