import { sql } from 'kysely'
import type { Db } from './database.ts'

/** Where sealed values lie: every column that holds one, or a rotation of the key would lose what it leaves out. */
const PLACES = [
  {
    kind: 'credential',
    table: 'partner_provider_credentials',
    id: 'partner_provider_credential_id',
    column: 'secret',
  },
  { kind: 'token', table: 'accounts', id: 'account_id', column: 'token' },
  { kind: 'webhook', table: 'webhooks', id: 'webhook_id', column: 'secret' },
  { kind: 'signing', table: 'signing_keys', id: 'signing_key_id', column: 'private_key' },
] as const

/** A value as it lies in the database. */
export interface StoredSecret {
  kind: (typeof PLACES)[number]['kind']
  id: number
  /** What it is sealed for, such as `credential:12`. */
  context: string
  /** Sealed, or plain in an adopted row. */
  value: string
}

/** All of them, by kind and id. */
export async function storedSecrets(db: Db): Promise<StoredSecret[]> {
  const found: StoredSecret[] = []
  for (const { kind, table, id, column } of PLACES) {
    const { rows } = await sql<{ id: number; value: string }>`
      SELECT ${sql.id(id)} AS id, ${sql.id(column)} AS value FROM ${sql.id(table)}
      WHERE ${sql.id(column)} <> '' ORDER BY 1`.execute(db)
    found.push(...rows.map((row) => ({ kind, ...row, context: `${kind}:${row.id}` })))
  }
  return found
}

/** Puts another text, or none, in a value's place. @returns false when somebody else changed it meanwhile: theirs stays */
export async function replaceStored(db: Db, secret: StoredSecret, value: string | null): Promise<boolean> {
  const { table, id, column } = PLACES.find(({ kind }) => kind === secret.kind)!
  const { numAffectedRows } = await sql`
    UPDATE ${sql.id(table)} SET ${sql.id(column)} = ${value}
    WHERE ${sql.id(id)} = ${secret.id} AND ${sql.id(column)} = ${secret.value}`.execute(db)
  return numAffectedRows === 1n
}

/** Who may read secrets by other means than startlist, as far as the database can tell. */
export interface SecretReaders {
  /** roles that may sign in and read the column, the owner and administrators apart */
  roles: string[]
  /** programs that are connected now and do not call themselves startlist */
  applications: string[]
}

/** For a warning before secrets are sealed: such a reader would find a text that it cannot use. */
export async function secretReaders(db: Db): Promise<SecretReaders> {
  const { rows } = await sql<SecretReaders>`
    SELECT ARRAY(SELECT rolname::text FROM pg_roles r
        WHERE rolcanlogin AND NOT rolsuper
          AND has_column_privilege(r.oid, 'public.partner_provider_credentials', 'secret', 'SELECT')
          AND oid <> (SELECT relowner FROM pg_class WHERE oid = 'public.partner_provider_credentials'::regclass)
        ORDER BY 1) AS roles,
      ARRAY(SELECT DISTINCT application_name FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name !~ '^(startlist|pgboss|$)'
        ORDER BY 1) AS applications`.execute(db)
  return rows[0]!
}
