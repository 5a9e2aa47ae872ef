import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { editPerson } from '../../src/simulator/index.ts'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { TENANT_READS } from '../../src/store/isolation/grants.ts'
import { asTenant } from '../../src/store/isolation/tenant.ts'
import { beginShadow } from '../../src/store/shadow/begin.ts'
import { discardShadow } from '../../src/store/shadow/discard.ts'
import { SHADOWED } from '../../src/store/shadow/tables.ts'
import { syncAccount } from '../../src/sync/account-sync.ts'
import { discover } from '../../src/sync/discover.ts'
import { goLive } from '../../src/sync/go-live.ts'
import { withAccount } from '../../src/sync/open-account.ts'
import { installOnLegacy, type LegacyInstallation } from '../helpers/legacy-installation.ts'
import { legacyRows } from '../helpers/legacy-rows.ts'
import { differences } from '../helpers/truth.ts'

let place: LegacyInstallation
let worker: Db
beforeEach(async () => {
  place = await installOnLegacy()
  const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(place.db)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0]!.name}`
  url.searchParams.set('options', '-c role=startlist_worker')
  worker = openDatabase(url.href, { virtualClock: place.clock })
  // Its sessions are older than the shadow.
  await sql`SELECT count(*) FROM haku_participants`.execute(worker)
})
afterEach(async () => {
  await worker.destroy()
  await place.installation.stop()
})

/** What a login that is only in `startlist_worker` does. */
async function asWorker<T>(work: Parameters<typeof withAccount<T>>[3]): Promise<T> {
  const { installation, clientId } = place
  const services = { ...installation.services, db: worker }
  return withAccount(services, await installation.accountOf(clientId), { class: 'person' }, work)
}

const truth = () => place.installation.haku.truth().get(place.eventId)!

it('a process that is only a worker stays in the shadow, and goes on in the legacy tables afterwards (I1)', async () => {
  const { db, clock, world, eventId, keys, installation } = place
  await beginShadow(db)
  const before = await legacyRows(db)
  await asWorker(discover)
  expect(await asWorker((account) => syncAccount(account, {}))).toMatchObject({
    stopped: null,
    events: [{ error: null }],
  })
  expect(await legacyRows(db)).toEqual(before)
  for (const partnerId of [1, 2]) expect(await differences(worker, truth(), { partnerId })).toEqual([])

  await goLive(db)
  const { last } = installation.haku.calls
  editPerson(world, eventId, keys[1]!, { lastName: 'Later' })
  clock.advance(60_000)
  expect(await asWorker((account) => syncAccount(account, {}))).toMatchObject({
    stopped: null,
    events: [{ error: null }],
  })
  // The list, and the detail of whom it shows changed.
  expect(installation.haku.calls.last).toBe(last + 2)
  for (const partnerId of [1, 2]) expect(await differences(db, truth(), { partnerId })).toEqual([])
})

it('a worker can neither begin a shadow nor end it, and is told before anything is done', async () => {
  await expect(beginShadow(worker)).rejects.toMatchObject({ code: 'RIGHTS_MISSING' })
  await beginShadow(place.db)
  for (const leave of [goLive, discardShadow])
    await expect(leave(worker)).rejects.toMatchObject({ code: 'RIGHTS_MISSING' })
})

it("somebody else's view on the copies is named before anything is done", async () => {
  const { db } = place
  await beginShadow(db)
  await sql`CREATE VIEW public.compared AS SELECT * FROM startlist_shadow.haku_participants`.execute(db)
  for (const leave of [goLive, discardShadow])
    await expect(leave(db)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('compared'),
    })
  await sql`DROP VIEW public.compared`.execute(db)
  expect(await discardShadow(db)).toMatchObject({ lists: 0 })
})

/** Rows of a shadowed table that a tenant sees, by partner. */
async function seen(partnerId: number, table: string): Promise<Map<number, number>> {
  const { rows } = await asTenant(place.db, partnerId, (trx) =>
    sql<{
      partner: number
      n: number
    }>`SELECT timing_partner_id AS partner, count(timing_partner_id)::int AS n
      FROM ${sql.table(table)} GROUP BY 1`.execute(trx),
  )
  return new Map(rows.map(({ partner, n }) => [partner, n]))
}

async function stored(schema: string, table: string, partnerId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM ${sql.id(schema, table)}
    WHERE timing_partner_id = ${partnerId}`.execute(place.db)
  return rows[0]!.n
}

it('a tenant reads the copies, its own rows alone, and the legacy tables afterwards (I1)', async () => {
  const { db } = place
  await beginShadow(db)
  await asWorker(discover)
  await asWorker((account) => syncAccount(account, {}))
  const tables = SHADOWED.map(({ table }) => table).filter((table) => table in TENANT_READS)
  expect(tables).toHaveLength(SHADOWED.length)
  for (const table of tables)
    for (const partnerId of [1, 2]) {
      const there = await stored('startlist_shadow', table, partnerId)
      expect([table, await seen(partnerId, table)]).toEqual([
        table,
        new Map(there === 0 ? [] : [[partnerId, there]]),
      ])
    }
  expect(await stored('public', 'haku_participants', 2)).not.toBe(
    await stored('startlist_shadow', 'haku_participants', 2),
  )
  await goLive(db)
  for (const table of tables) {
    const there = await stored('public', table, 2)
    expect([table, await seen(2, table)]).toEqual([table, new Map(there === 0 ? [] : [[2, there]])])
  }
})

it('a reader who does not end holds up neither other readers nor, when it ends, the way out', async () => {
  const { db, eventId } = place
  await beginShadow(db)
  await asWorker(discover)
  const slow = await worker.startTransaction().execute()
  await sql`SELECT count(*) FROM startlist.list_events`.execute(slow)
  await sql`SELECT count(*) FROM haku_participants`.execute(slow)
  const live = goLive(db)
  // It lets readers pass while it waits, again and again.
  await until(async () => (await waits('pg_sleep')) > 0)
  const others = await Promise.all(
    Array.from({ length: 5 }, () =>
      sql<{ n: number }>`SELECT count(*)::int AS n FROM startlist.list_events
        WHERE event_id = ${eventId}`.execute(worker),
    ),
  )
  expect(others.map(({ rows }) => rows[0]?.n)).toEqual([2, 2, 2, 2, 2])
  await sql`SELECT count(*) FROM haku_events`.execute(slow)
  await slow.commit().execute()
  expect((await live)?.merged).toContainEqual({ table: 'haku_events', rows: 2 })
})

async function waits(statement: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
      AND query LIKE ${`%${statement}%`}`.execute(place.db)
  return rows[0]!.n
}

async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is())) await sql`SELECT pg_sleep(0.02)`.execute(place.db)
}
