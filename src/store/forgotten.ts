import { type RawBuilder, sql } from 'kysely'
import type { ProviderName } from '../domain/account.ts'
import type { Content } from '../domain/row.ts'
import type { Db, Trx } from './database.ts'
import { countFrozen, eraseFrozen } from './freezes/erase.ts'
import { type Emptying, emptyRows } from './participants/empty.ts'
import { hashOf } from './participants/forgotten.ts'
import { hasSetAside, SET_ASIDE } from './participants/set-aside.ts'
import { asKey, participantTable } from './participants/table.ts'

/** People who are not to be known any more: who they are, and what is stored of them. */

/** Somebody's registrations at a provider. */
export interface Registrations {
  provider: ProviderName
  keys: string[]
}

/** How a person is found without a registration number. */
export interface Person {
  firstName: string
  lastName: string
  /** `YYYY-MM-DD` */
  dateOfBirth: string
}

const BATCH = 1_000

/** Which of these registrations belong to people who were forgotten. */
export async function forgottenKeys(
  trx: Trx,
  provider: ProviderName,
  keys: readonly string[],
): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const result = await sql<{ key: string }>`
    SELECT i.key FROM unnest(${keys}::text[]) AS i (key)
    JOIN forgotten f ON f.provider = ${provider} AND f.key_hash = ${hashOf(provider, sql`i.key`)}`.execute(
    trx,
  )
  return new Set(result.rows.map(({ key }) => key))
}

/** The registrations of a person, whoever receives them. Case does not matter. */
export async function registrationsOf(db: Db, provider: ProviderName, person: Person): Promise<string[]> {
  const { table, key, content } = participantTable(provider)
  const born = content.date_of_birth?.column ?? 'date_of_birth'
  const result = await sql<{ key: string }>`
    SELECT DISTINCT ${sql.ref(key)}::text AS key FROM ${sql.table(table)}
    WHERE ${sql.ref(born)} = ${person.dateOfBirth}::date AND lower(first_name) = lower(${person.firstName})
      AND lower(last_name) = lower(${person.lastName}) AND ${sql.ref(key)} IS NOT NULL ORDER BY 1`.execute(db)
  return result.rows.map((row) => row.key)
}

/** Registrations of forgotten people in rows that no pass has met, and so could not leave without a person. */
export async function unmetForgotten(trx: Trx, provider: ProviderName): Promise<string[]> {
  const { table, key } = participantTable(provider)
  const result = await sql<{ key: string }>`
    SELECT DISTINCT p.${sql.ref(key)}::text AS key FROM ${sql.table(table)} p
    JOIN forgotten f ON f.provider = ${provider} AND f.key_hash = ${hashOf(provider, sql`p.${sql.ref(key)}::text`)}
    WHERE p.mapping_version IS NULL`.execute(trx)
  return result.rows.map((row) => row.key)
}

/** How many rows of the legacy table, shadowed or not, name somebody who was forgotten. */
export async function countRemembered(trx: Trx, provider: ProviderName): Promise<number> {
  const { table, key } = participantTable(provider)
  const result = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM ${sql.id('public', table)} p
    JOIN forgotten f ON f.provider = ${provider} AND f.key_hash = ${hashOf(provider, sql`p.${sql.ref(key)}::text`)}
    WHERE coalesce(p.first_name, p.last_name, p.email) IS NOT NULL`.execute(trx)
  return result.rows[0]?.n ?? 0
}

/** What is stored of somebody, in rows. */
export interface Traces {
  registrations: number
  changes: number
  rejects: number
  duplicates: number
  /** Rows of frozen start lists. */
  frozen: number
}

/** From now on these registrations stay without a person, whatever the provider says of them. */
export async function rememberForgotten(trx: Trx, { provider, keys }: Registrations): Promise<void> {
  await sql`INSERT INTO forgotten (provider, key_hash, forgotten_at)
    SELECT ${provider}, ${hashOf(provider, sql`i.key`)}, startlist.clock() FROM unnest(${keys}::text[]) AS i (key)
    ON CONFLICT DO NOTHING`.execute(trx)
}

/** Counts what is stored of these registrations. */
export async function countTraces(db: Db | Trx, of: Registrations): Promise<Traces> {
  const { table, key } = participantTable(of.provider)
  const count = async (rows: RawBuilder<unknown>) =>
    (await sql<{ n: number }>`SELECT count(*)::int AS n FROM (${rows}) AS found`.execute(db)).rows[0]?.n ?? 0
  const isTheirs = sql`${sql.ref(key)} = ANY (${keysOf(of)})`
  return {
    registrations: await count(sql`SELECT FROM ${sql.table(table)} WHERE ${isTheirs}`),
    changes: await count(sql`SELECT FROM participant_changes WHERE ${isInFeed(of)}`),
    rejects: await count(sql`SELECT FROM rejected_records WHERE ${isRejected(of)}`),
    duplicates: (await hasSetAside(db, table))
      ? await count(
          sql`SELECT FROM ${sql.table(SET_ASIDE[table])} WHERE ${sql.ref(key)}::text = ANY (${of.keys})`,
        )
      : 0,
    frozen: await countFrozen(db, { provider: of.provider, registrations: of.keys }),
  }
}

/**
 * Empties the columns of a person in the rows of these registrations, takes the same columns out of their feed entries,
 * and out of
 * frozen lists, and removes what was rejected or set aside of them. Rows, bibs, statuses and the feed's positions stay.
 */
export async function erase(trx: Trx, of: Registrations, emptying: Emptying): Promise<void> {
  const { provider, keys } = of
  // First: it waits for those who are freezing a list, and must hold nothing meanwhile.
  await eraseFrozen(trx, { provider, registrations: keys }, emptying.columns, 'forget')
  const shape = participantTable(provider)
  const isTheirs = sql`${sql.ref(shape.key)} = ANY (${keysOf(of)})`
  for (let after: number | null = 0; after !== null; )
    after = (await emptyRows(trx, shape, isTheirs, emptying, { after, limit: BATCH })).next
  const { columns } = emptying
  await sql`UPDATE participant_changes SET fields = fields - ${columns}::text[] WHERE ${isInFeed(of)}`.execute(
    trx,
  )
  await sql`DELETE FROM rejected_records WHERE ${isRejected(of)}`.execute(trx)
  if (await hasSetAside(trx, shape.table))
    await sql`DELETE FROM ${sql.table(SET_ASIDE[shape.table])} WHERE ${sql.ref(shape.key)}::text = ANY (${of.keys})`.execute(
      trx,
    )
}

const keysOf = ({ provider, keys }: Registrations) => {
  const shape = participantTable(provider)
  return sql`ARRAY(SELECT ${asKey(shape, sql`i.key`)} FROM unnest(${keys}::text[]) AS i (key))`
}

const isInFeed = ({ provider, keys }: Registrations) =>
  sql`provider = ${provider} AND participant_id = ANY (${keys}::text[])`

const isRejected = ({ provider, keys }: Registrations) =>
  sql`provider = ${provider} AND record_key = ANY (${keys}::text[])`

/** Takes columns that a timing partner does not keep out of an event's feed. */
export async function leaveOutOfFeed(
  trx: Trx,
  at: { provider: string; partnerId: number; eventId: string },
  columns: readonly (keyof Content)[],
): Promise<void> {
  if (columns.length === 0) return
  await sql`UPDATE participant_changes SET fields = fields - ${columns}::text[]
    WHERE provider = ${at.provider} AND timing_partner_id = ${at.partnerId} AND event_id = ${at.eventId}
      AND fields ?| ${columns}::text[]`.execute(trx)
}

/** Takes columns that a timing partner does not keep out of its frozen lists of an event. */
export async function leaveOutOfFreezes(
  trx: Trx,
  at: { provider: string; partnerId: number; eventId: string },
  columns: readonly (keyof Content)[],
): Promise<void> {
  const { provider, partnerId, eventId: listId } = at
  await eraseFrozen(trx, { provider, partnerId, listId }, columns, 'kept')
}
