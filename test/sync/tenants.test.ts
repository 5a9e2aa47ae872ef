import { sql } from 'kysely'
import { afterEach, expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { TENANT_READS } from '../../src/store/isolation/grants.ts'
import { asTenant } from '../../src/store/isolation/tenant.ts'
import { syncAccount } from '../../src/sync/account-sync.ts'
import { withAccount } from '../../src/sync/open-account.ts'
import { type Race, race, stopRace } from './crash/race.ts'

afterEach(stopRace)

const SECRET = 'second-secret-of-a-test'

/** How many rows of each readable relation a tenant sees; relations without any are left out. */
async function seen(r: Race, partnerId: number): Promise<Record<string, number>> {
  return asTenant(r.db, partnerId, async (trx) => {
    const counts: Record<string, number> = {}
    for (const name of Object.keys(TENANT_READS)) {
      const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.raw(name)}`.execute(trx)
      if (rows[0]!.n > 0) counts[name] = rows[0]!.n
    }
    return counts
  })
}

it('of two partners on one account, fetched once, each sees its own rows; who has a wrong secret sees nothing (S1, I1)', async () => {
  const alone = await race({ participants: 30 })
  const cost = await alone.callsOf(() => alone.sync())
  const r = await race({ participants: 30 })
  r.organization.secrets.push(SECRET)
  const birch = await r.installation.addPartner('Birch Timing')
  await r.installation.addCredential(birch, r.clientId, SECRET)
  const cedar = await r.installation.addPartner('Cedar Timing')
  await r.installation.addCredential(cedar, r.clientId, 'a-wrong-secret-of-a-test')
  await r.installation.discover(r.clientId)
  expect(await r.callsOf(() => r.sync())).toMatchObject({ list: cost.list, detail: cost.detail })

  const [first, second] = [await seen(r, r.partnerId), await seen(r, birch)]
  expect(first).toMatchObject({ timing_partners: 1, haku_events: 1, haku_participants: 30, accounts: 1 })
  expect(second).toEqual(first)
  expect(first.api_calls).toBeGreaterThan(30)
  // Its own name, its own credential, and which providers there are.
  expect(await seen(r, cedar)).toEqual({ timing_partners: 1, partner_provider_credentials: 1, providers: 2 })
})

it('a partner whose secret is refused later keeps its rows, and sees no more of the account (S1, I1)', async () => {
  const r = await race({ participants: 10 })
  await r.settled()
  await sql`UPDATE partner_provider_credentials SET state = 'Refused', proven_at = NULL`.execute(r.db)
  const counts = await seen(r, r.partnerId)
  expect(counts).toMatchObject({ haku_participants: 10, participant_changes: expect.any(Number) })
  for (const name of ['accounts', 'api_calls', 'sync_state', 'holds']) expect(counts).not.toHaveProperty(name)
})

it('a process that is only a worker syncs: triggers, sequences and locks included (I1)', async () => {
  const r = await race({ participants: 20 })
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(r.db)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0]!.name}`
  url.searchParams.set('options', '-c role=startlist_worker')
  const db = openDatabase(url.href, { virtualClock: r.clock, max: 8 })
  try {
    const accountId = await r.installation.accountOf(r.clientId)
    const services = { ...r.installation.services, db }
    const outcome = await withAccount(services, accountId, { class: 'person' }, (account) =>
      syncAccount(account, {}),
    )
    expect(outcome).toMatchObject({ stopped: null, events: [{ error: null }] })
    expect(await r.differences()).toEqual([])
  } finally {
    await db.destroy()
  }
})
