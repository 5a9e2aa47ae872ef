import { type RawBuilder, sql } from 'kysely'

/** SHA-256 of a registration number: enough to know a forgotten person again, and no list of people. */
export const hashOf = (provider: string, key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`sha256(convert_to(${provider}::text || ':' || ${key}, 'UTF8'))`

/** Whether the registration with this number, as text, is of somebody who was forgotten. */
export const isForgotten = (provider: string, key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`EXISTS (SELECT FROM forgotten f WHERE f.provider = ${provider} AND f.key_hash = ${hashOf(provider, key)})`
