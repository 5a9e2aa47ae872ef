import { alone, type Statement, statement, together, type Unit } from '../steps/unit.ts'
import type { Catalogue } from './catalogue.ts'
import { identifier } from './views.ts'

const TABLE = 'partner_provider_credentials'
const DUPLICATES = `${TABLE}_duplicates`

/**
 * A timing partner may have several organizations at one provider: uniqueness by (partner, provider) gives way to one
 * with the client id, which the first step makes (M3). A credential entered twice stays once, the last changed.
 * @param doubled credentials that are older than another one of the same partner, provider and client id
 */
export function adoptCredentials(catalogue: Catalogue, doubled: number): Unit[] {
  const table = catalogue.tables.get(TABLE)
  if (table === undefined) return []
  const tooNarrow = table.constraints
    .filter(({ kind, columns }) => kind === 'unique' && isPartnerAndProvider(columns))
    .map(({ name }) => statement(`ALTER TABLE ${TABLE} DROP CONSTRAINT ${identifier(name)}`))
  const indexes = table.indexes
    .filter(
      ({ unique, columns, name }) => unique && isPartnerAndProvider(columns) && !isConstraint(table, name),
    )
    .map(({ name }) => alone(`index ${name}`, statement(`DROP INDEX CONCURRENTLY ${identifier(name)}`)))
  const statements = [...tooNarrow, ...(doubled > 0 ? moveOlder(doubled) : [])]
  return [...indexes, ...(statements.length > 0 ? [together('one row a credential', statements)] : [])]
}

const isPartnerAndProvider = (columns: readonly string[]): boolean =>
  [...columns].sort().join() === 'provider_id,timing_partner_id'

const isConstraint = (table: { constraints: readonly { name: string }[] }, index: string): boolean =>
  table.constraints.some(({ name }) => name === index)

/** Credentials by partner, provider and client id, the last changed first. */
export const RANKED_CREDENTIALS = `SELECT partner_provider_credential_id AS id,
      row_number() OVER credential AS nth, first_value(partner_provider_credential_id) OVER credential AS kept
    FROM ${TABLE} WHERE timing_partner_id IS NOT NULL AND provider_id IS NOT NULL AND principal IS NOT NULL
    WINDOW credential AS (PARTITION BY timing_partner_id, provider_id, principal
      ORDER BY updated_at DESC NULLS LAST, partner_provider_credential_id DESC)`

function moveOlder(rows: number): Statement[] {
  return [
    statement(
      `CREATE TABLE IF NOT EXISTS ${DUPLICATES} (LIKE ${TABLE}, why text NOT NULL, moved_at timestamptz NOT NULL)`,
    ),
    // It holds secrets as the table itself does, and nobody but the owner needs to see them.
    statement(`REVOKE ALL ON ${DUPLICATES} FROM PUBLIC`),
    statement(
      `WITH older AS MATERIALIZED (
    SELECT id, kept FROM (
    ${RANKED_CREDENTIALS}) ranked WHERE nth > 1
  ), gone AS (
    DELETE FROM ${TABLE} c USING older o WHERE c.partner_provider_credential_id = o.id RETURNING c AS whole, o.kept
  )
  INSERT INTO ${DUPLICATES} SELECT (whole).*, 'older than credential ' || kept, startlist.clock() FROM gone`,
      rows,
    ),
  ]
}
