import { sql } from 'kysely'
import type { ProviderName } from '../../domain/account.ts'
import type { Db, Trx } from '../database.ts'
import { keepBibs, keepDecisions } from './bibs.ts'
import { lookIn } from './bind.ts'
import { holdStill, leaveShadow } from './leave.ts'
import { type MergedTable, merge } from './merge.ts'
import { settlePlaces } from './places.ts'
import { before, SHADOW_SCHEMA, SHADOWED } from './tables.ts'
import { distrustTheirs } from './theirs.ts'

const PROVIDERS: readonly ProviderName[] = ['haku', 'runsignup']

/**
 * Moves what was stored in the shadow into the legacy tables, and works there from its commit on, all or nothing and
 * without a call. Rows that startlist never met stay as the scripts left them.
 *
 * @param settle called in the same transaction when the rows are in the legacy tables, which it finds by their names
 * @returns null when the installation is not shadowed
 */
export async function endShadow(
  db: Db,
  settle: (trx: Trx) => Promise<void>,
): Promise<{ merged: MergedTable[]; localBibs: number } | null> {
  return db.transaction().execute(async (trx) => {
    if (!(await holdStill(trx))) return null
    let localBibs = 0
    for (const provider of PROVIDERS) {
      await keepDecisions(trx, provider)
      localBibs += await keepBibs(trx, provider)
    }
    await settlePlaces(trx)
    const merged: MergedTable[] = []
    for (const shadowed of SHADOWED) merged.push(await merge(trx, shadowed))
    // After the merge: what is theirs still, no pass in the shadow has met.
    await distrustTheirs(trx, 'public')
    await removeCredentials(trx)
    await distrustNewSecrets(trx)
    // Lists whose people were taken out of the shadow have them in the legacy tables still.
    await sql`DELETE FROM emptied_lists`.execute(trx)
    await lookIn(trx, 'legacy')
    await settle(trx)
    await lookIn(trx, 'shadow')
    await leaveShadow(trx)
    return { merged, localBibs }
  })
}

/** What a person removed in the shadow. */
async function removeCredentials(trx: Trx): Promise<void> {
  const name = 'partner_provider_credentials'
  await sql`DELETE FROM ${sql.id('public', name)} l USING ${before(name)} b
    WHERE b.partner_provider_credential_id = l.partner_provider_credential_id
      AND NOT EXISTS (SELECT FROM ${sql.id(SHADOW_SCHEMA, name)} s
        WHERE s.partner_provider_credential_id = l.partner_provider_credential_id)`.execute(trx)
}

/** A secret that was changed in the legacy table meanwhile has not proven itself (S1). */
async function distrustNewSecrets(trx: Trx): Promise<void> {
  const name = 'partner_provider_credentials'
  await sql`UPDATE ${sql.id('public', name)} l SET proven_at = NULL, state = 'Untested', state_reason = NULL
    FROM ${sql.id(SHADOW_SCHEMA, name)} s
    WHERE l.partner_provider_credential_id = s.partner_provider_credential_id
      AND l.secret IS DISTINCT FROM s.secret`.execute(trx)
}
