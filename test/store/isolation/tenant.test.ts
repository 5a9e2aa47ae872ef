import { sql } from 'kysely'
import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { readAccount } from '../../../src/store/accounts.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { openHolds } from '../../../src/store/holds.ts'
import { admitRoles, readIsolation } from '../../../src/store/isolation/roles.ts'
import { asTenant } from '../../../src/store/isolation/tenant.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { credentialOverview } from '../../../src/store/overview/credentials.ts'
import { countEvents, listEvents } from '../../../src/store/overview/events.ts'
import { readFeed } from '../../../src/store/overview/feed.ts'
import { listFacts } from '../../../src/store/overview/forecast.ts'
import { readPasses } from '../../../src/store/overview/passes.ts'
import { spentCalls } from '../../../src/store/overview/quota.ts'
import { listRejects } from '../../../src/store/overview/rejects.ts'
import { listPartners } from '../../../src/store/partners.ts'
import { pollHeads } from '../../../src/store/plans/heads.ts'
import { readPlan } from '../../../src/store/plans/read.ts'
import { recentRuns } from '../../../src/store/runs.ts'
import { type TestDatabase, testDatabase } from '../../helpers/database.ts'
import { type Seeded, seedPartner } from './partner-rows.ts'

let database: TestDatabase
let alder: Seeded
let birch: Seeded
beforeAll(async () => {
  database = await testDatabase()
  alder = await seedPartner(database.db, 'alder')
  birch = await seedPartner(database.db, 'birch')
})

describe('asTenant', () => {
  it('gives the overviews one partner’s rows, though they ask for all', async () => {
    const seen = await asTenant(database.db, alder.partnerId, async (trx) => ({
      credentials: await credentialOverview(trx),
      events: await listEvents(trx),
      rejects: await listRejects(trx, { after: 0, limit: 10 }),
      passes: await readPasses(trx, [
        { accountId: alder.accountId, eventId: 'alder' },
        { accountId: birch.accountId, eventId: 'birch' },
      ]),
      feed: await readFeed(trx, { provider: 'haku', partnerId: birch.partnerId, eventId: 'birch' }, 0),
      counts: await countEvents(trx, [{ provider: 'haku', partnerId: birch.partnerId, eventId: 'birch' }]),
    }))
    expect(seen.credentials).toMatchObject([
      { partner: 'alder', organization: 'alder', hasSecret: true, events: 1 },
    ])
    expect(seen.events.map((event) => event.partnerId)).toEqual([alder.partnerId, alder.partnerId])
    expect(seen.rejects).toMatchObject([{ partnerId: alder.partnerId }])
    expect(seen.passes).toMatchObject([{ eventId: 'alder' }])
    expect(seen.feed).toEqual([])
    expect(seen.counts).toMatchObject([{ participants: 0 }])
  })

  it('lets what an API shows be asked: holds, runs, plans, quota and forecast of its own accounts alone', async () => {
    const { db } = database
    const of = (who: Seeded) =>
      asTenant(db, alder.partnerId, async (trx) => ({
        partners: (await listPartners(trx)).map((partner) => partner.name),
        holds: (await openHolds(trx)).map((hold) => hold.eventId),
        runs: (await recentRuns(trx, { limit: 10 })).map((run) => run.partnerId),
        account: (await readAccount(trx, who.accountId))?.principal,
        spent: (await spentCalls(trx, who.accountId)).length,
        plan: (await readPlan(trx, who.accountId, who.mark)) !== null,
        heads: (await pollHeads(trx, who.accountId)).length,
        facts: (await listFacts(trx, who.accountId, [who.mark])).length,
      }))
    const mine = { partners: ['alder'], holds: ['alder'], runs: [alder.partnerId] }
    const shown = { account: 'client-alder', spent: 1, plan: true, facts: 1 }
    expect(await of(alder)).toMatchObject({ ...mine, ...shown })
    const hidden = { account: undefined, spent: 0, plan: false, heads: 0, facts: 0 }
    expect(await of(birch)).toEqual({ ...mine, ...hidden })
  })

  it('writes nothing, and leaves the connection as it was', async () => {
    const single = openDatabase(database.url, { max: 1 })
    await expect(
      asTenant(single, alder.partnerId, (trx) => sql`CREATE TEMP TABLE t ()`.execute(trx)),
    ).rejects.toMatchObject({ code: '25006' })
    await asTenant(single, alder.partnerId, (trx) => listEvents(trx))
    expect((await listEvents(single)).map((event) => event.partnerId)).toContain(birch.partnerId)
    const { rows } = await sql<{ tenant: string }>`
      SELECT coalesce(current_setting('startlist.tenant', true), '') AS tenant`.execute(single)
    expect(rows).toEqual([{ tenant: '' }])
    await single.destroy()
  })

  it('answers nothing after its end, when the connection is the owner’s again', async () => {
    const late = await asTenant(database.db, alder.partnerId, async (trx) => () => listEvents(trx))
    await expect(late()).rejects.toMatchObject({ code: 'INTERNAL' })
    let afterFailure = () => listEvents(database.db)
    const failed = asTenant(database.db, alder.partnerId, async (trx) => {
      afterFailure = () => listEvents(trx)
      throw new Error('of the work')
    })
    await expect(failed).rejects.toThrow('of the work')
    await expect(afterFailure()).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('of many at once keeps them apart on shared connections', async () => {
    const askers = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? alder : birch))
    const seen = await Promise.all(
      askers.map(({ partnerId }) =>
        asTenant(database.db, partnerId, async (trx) =>
          (await credentialOverview(trx)).map((c) => c.partner),
        ),
      ),
    )
    expect(seen).toEqual(askers.map(({ mark }) => [mark]))
  })
})

describe('a database whose owner is no administrator', () => {
  it('is migrated without the roles’ rights, says so, and isolates once an administrator has granted them', async () => {
    const admin = inject('postgresUrl')
    const owner = `owner_${process.pid}`
    const { db, url, drop } = await testDatabase({ empty: true })
    const client = new pg.Client({ connectionString: admin })
    await client.connect()
    await client.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'of-a-test'`)
    await client.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${owner}`)
    const theirs = new URL(url)
    theirs.username = owner
    theirs.password = 'of-a-test'
    const plain = openDatabase(theirs.href)
    try {
      await migrate(plain)
      const partner = await seedPartner(plain, 'alder')
      expect(await readIsolation(plain)).toMatchObject({ admitted: false, owner })
      await expect(asTenant(plain, partner.partnerId, listEvents)).rejects.toMatchObject({
        code: 'ISOLATION_MISSING',
      })
      await admitRoles(db, systemClock)
      expect(await readIsolation(plain)).toEqual({ admitted: true, owner, gaps: [] })
      await seedPartner(plain, 'birch')
      const events = await asTenant(plain, partner.partnerId, (trx) => listEvents(trx))
      expect(new Set(events.map((event) => event.partner))).toEqual(new Set(['alder']))
      expect(new Set((await listEvents(plain)).map((event) => event.partner)).size).toBe(2)
    } finally {
      await plain.destroy()
      await drop()
      await client.query(`DROP ROLE ${owner}`)
      await client.end()
    }
  })
})

describe('readIsolation', () => {
  it('names a table and a view through which a tenant would see all', async () => {
    const { db, drop } = await testDatabase()
    expect(await readIsolation(db)).toMatchObject({ admitted: true, gaps: [] })
    await sql`ALTER TABLE holds DISABLE ROW LEVEL SECURITY`.execute(db)
    await sql`ALTER VIEW startlist.lists RESET (security_invoker)`.execute(db)
    expect((await readIsolation(db)).gaps).toEqual([
      'table holds has no row-level security',
      "view lists reads with its owner's rights",
    ])
    await drop()
  })
})
