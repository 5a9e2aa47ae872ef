/** Whose rows of a table a tenant sees. */
export type RowsOf = 'partner' | 'account' | 'everyone'

/** The subqueries make PostgreSQL ask once a query, and not once a row. */
const VISIBLE: Readonly<Record<RowsOf, string>> = {
  partner: 'timing_partner_id = (SELECT startlist.tenant())',
  account: 'account_id = ANY ((SELECT startlist.tenant_accounts())::integer[])',
  everyone: 'true',
}

/**
 * Statements of a step that hide other partners' rows of a table from tenants, and from nobody else: the owner passes
 * by row-level security, and a reader with grants of its own goes on reading. What tenants may read of the table at
 * all stands in grants.ts.
 *
 * @param rows `partner`: of its timing_partner_id; `account`: of accounts whose events it receives, by account_id
 */
export const isolated = (table: string, rows: RowsOf): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `DROP POLICY IF EXISTS tenant ON ${table}`,
  `CREATE POLICY tenant ON ${table} USING ((SELECT NOT startlist.is_tenant()) OR ${VISIBLE[rows]})`,
]
