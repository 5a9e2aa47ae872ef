import type { KeyedTable } from './keyed-tables.ts'

/**
 * Who holds a row that names no timing partner (M3)? The first of these that knows of anybody: the partners of its
 * participants; partners with a credential that the row names; whoever has credentials at all. Only a single one counts.
 * @returns a query with the columns key and partner, for the rows that have a single holder
 */
export function singleHolders({ table, key, names, children }: KeyedTable): string {
  const ofChildren = children.map(
    (child) => `SELECT ${key}, timing_partner_id FROM ${child.table}
      WHERE timing_partner_id IS NOT NULL AND ${key} IN (SELECT ${key} FROM nameless)`,
  )
  const named = names.map((name) => `n.${name}`).join(', ')
  return `WITH nameless AS (
    SELECT ${key}, ${names.join(', ')} FROM ${table} WHERE timing_partner_id IS NULL
  ), of_children AS (
    SELECT ${key}, array_agg(DISTINCT timing_partner_id) AS partners
    FROM (${ofChildren.join('\n    UNION ALL ')}) c GROUP BY ${key}
  ), of_credentials AS (
    SELECT n.${key}, array_agg(DISTINCT c.timing_partner_id) AS partners
    FROM nameless n JOIN partner_provider_credentials c
      ON c.principal IN (${named}) OR c.additional_config->>'organization_name' IN (${named})
    WHERE c.timing_partner_id IS NOT NULL GROUP BY n.${key}
  ), of_all AS (
    SELECT array_agg(DISTINCT timing_partner_id) AS partners FROM partner_provider_credentials
    WHERE timing_partner_id IS NOT NULL
  ), held AS (
    SELECT n.${key} AS key, coalesce(p.partners, c.partners, a.partners) AS partners
    FROM nameless n LEFT JOIN of_children p USING (${key}) LEFT JOIN of_credentials c USING (${key}) CROSS JOIN of_all a
  )
  SELECT key, partners[1] AS partner FROM held WHERE cardinality(partners) = 1`
}
