import { type Kysely, sql } from 'kysely'
import { clockFunction } from '../migrations/engine-tables.ts'
import type { Database } from '../schema.ts'
import { statement, together, type Unit } from '../steps/unit.ts'
import { type Catalogue, readCatalogue } from './catalogue.ts'
import { adoptColumns } from './columns.ts'
import {
  countDoubledCredentials,
  countLacking,
  countNameless,
  countParticipants,
  readSerials,
} from './counts.ts'
import { adoptCredentials } from './credentials.ts'
import { adoptParticipants } from './duplicates.ts'
import { adoptChecks, adoptIndexes } from './engine-columns.ts'
import { adoptForeignKeys } from './foreign-keys.ts'
import { adoptKeys } from './keys.ts'
import { recordAdopted } from './record.ts'
import { adoptSequences } from './sequences.ts'
import { respelled } from './spelling.ts'
import { targetNames } from './target.ts'
import { readViews } from './views.ts'

/**
 * A step of adopting a legacy database. What it has to do is read off the database each time it is planned, so one that
 * was cut off goes on where it was, and one for which there is nothing to do does nothing.
 */
export interface AdoptionStep {
  name: string
  plan(db: Kysely<Database>): Promise<Unit[]>
}

/** Plans from the catalogue as it reads once the first step has given columns their names. */
const planned =
  (plan: (catalogue: Catalogue, db: Kysely<Database>) => Unit[] | Promise<Unit[]>) =>
  async (db: Kysely<Database>): Promise<Unit[]> =>
    plan(respelled(await readCatalogue(db)), db)

/** In order: each brings the tables nearer to what the first numbered step expects to find. */
export const adoptionSteps: readonly AdoptionStep[] = [
  {
    name: '0000_adopt_0_record',
    plan: async (db) => recordAdopted(await readCatalogue(db)),
  },
  {
    name: '0000_adopt_1_columns',
    plan: async (db) => [
      together('the clock', [statement(clockFunction)]),
      ...adoptColumns(await readCatalogue(db), await readViews(db)),
    ],
  },
  {
    name: '0000_adopt_2_sequences',
    plan: async (db) => adoptSequences(await readSerials(db, await readCatalogue(db))),
  },
  {
    name: '0000_adopt_3_keys',
    plan: planned(async (catalogue, db) => adoptKeys(catalogue, await countNameless(db, catalogue))),
  },
  {
    name: '0000_adopt_4_registrations',
    plan: planned(async (catalogue, db) =>
      adoptParticipants(catalogue, await countParticipants(db, catalogue)),
    ),
  },
  {
    name: '0000_adopt_5_foreign_keys',
    plan: planned(async (catalogue, db) => adoptForeignKeys(catalogue, await countLacking(db, catalogue))),
  },
  {
    name: '0000_adopt_6_credentials',
    plan: planned(async (catalogue, db) =>
      adoptCredentials(catalogue, await countDoubledCredentials(db, catalogue)),
    ),
  },
  {
    name: '0000_adopt_7_indexes',
    plan: planned((catalogue) => [...adoptChecks(catalogue), ...adoptIndexes(catalogue)]),
  },
]

/** Whether tables of the older system are there: asked only where the first numbered step is not done. */
export async function hasLegacyTables(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
      AND relname = ANY (${[...targetNames]}::text[])) AS found`.execute(db)
  return rows[0]!.found
}
