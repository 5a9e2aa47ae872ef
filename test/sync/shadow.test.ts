import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { editPerson, register, remove, type World, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { asTenant } from '../../src/store/isolation/tenant.ts'
import { migrate } from '../../src/store/migrate.ts'
import { listEvents } from '../../src/store/overview/events.ts'
import { beginShadow } from '../../src/store/shadow/begin.ts'
import { SHADOWED, shadowedSince } from '../../src/store/shadow/tables.ts'
import { goLive } from '../../src/sync/go-live.ts'
import { testDatabase } from '../helpers/database.ts'
import { type Installation, installOn, START } from '../helpers/installation-on.ts'
import { differences } from '../helpers/truth.ts'
import { makeLegacy } from '../store/adoption/model.ts'
import { PLAIN } from '../store/adoption/variant.ts'
import { feedOf } from './crash/race.ts'

let db: Db
let clock: VirtualClock
let w: World
let installation: Installation
let clientId: string
let eventId: string
let keys: string[]

/** A legacy database with the event, half of its people under old names, and bibs of three kinds. */
beforeEach(async () => {
  clock = new VirtualClock(START)
  w = world({ clock, seed: 5 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants: 8 })
  clientId = organization.clientId
  eventId = event.id
  keys = [...event.registrations.keys()]
  ;({ db } = await testDatabase({ empty: true, virtualClock: clock }))
  await makeLegacy(db, PLAIN)
  await sql`UPDATE partner_provider_credentials SET principal = ${clientId}, secret = ${organization.secrets[0]!}
    WHERE principal = 'client-shared'`.execute(db)
  await sql`INSERT INTO haku_events (event_id, event_name, timing_partner_id) VALUES (${eventId}, 'Old name', 1)`.execute(
    db,
  )
  for (const key of keys.slice(0, 4))
    await sql`INSERT INTO haku_participants (event_id, participant_id, first_name, timing_partner_id)
      VALUES (${eventId}, ${key}, 'Old', 1)`.execute(db)
  await migrate(db)
  installation = await installOn(db, { clock, world: w })
})
afterEach(() => installation.stop())

/** Every row of every legacy table as text, its version included: a row that is only touched differs too. */
async function legacyRows(): Promise<Record<string, string>> {
  const sums: Record<string, string> = {}
  for (const table of [...SHADOWED.map((one) => one.table), 'providers', 'sync_queue']) {
    const { rows } = await sql<{ sum: string }>`SELECT count(*) || ' ' ||
      coalesce(md5(string_agg(t.xmin || t.ctid::text || t::text, '' ORDER BY t::text)), '') AS sum
      FROM ${sql.table(`public.${table}`)} t`.execute(db)
    sums[table] = rows[0]!.sum
  }
  return sums
}

async function morning(): Promise<void> {
  await installation.discover(clientId)
  await installation.sync(clientId)
  for (let minute = 0; minute < 4; minute++) {
    clock.advance(60_000)
    if (minute === 0) register(w, eventId)
    if (minute === 1) editPerson(w, eventId, keys[0]!, { lastName: 'Renamed' })
    if (minute === 2) remove(w, eventId, keys[7]!)
    await installation.sync(clientId, minute === 3 ? { full: true } : {})
  }
}

it('a shadowed morning changes not one row of a legacy table, and going live loses nothing and makes no call', async () => {
  expect(await beginShadow(db)).toBe(true)
  expect(await beginShadow(db)).toBe(false)
  const before = await legacyRows()
  await morning()
  expect(await legacyRows()).toEqual(before)
  const truth = installation.haku.truth().get(eventId)!
  for (const partnerId of [1, 2]) expect(await differences(db, truth, { partnerId })).toEqual([])
  // What a tenant sees is the shadow too, and only its own.
  const seen = await asTenant(db, 2, (trx) => listEvents(trx, {}))
  expect(new Set(seen.map(({ partnerId }) => partnerId))).toEqual(new Set([2]))
  expect(seen.map((one) => one.eventId)).toContain(eventId)
  const feed = await feedOf(db, eventId, 1)

  const calls = installation.haku.calls.last
  const live = await goLive(db)
  expect(live?.merged).toContainEqual({ table: 'haku_participants', rows: 2 * 9 })
  expect(await shadowedSince(db)).toBe(null)
  for (const partnerId of [1, 2]) expect(await differences(db, truth, { partnerId })).toEqual([])
  expect(await feedOf(db, eventId, 1)).toEqual(feed)
  expect(await goLive(db)).toBe(null)
  expect(installation.haku.calls.last).toBe(calls)
  // It goes on where it was: a quiet poll is one call, and a change arrives in the legacy table.
  await installation.sync(clientId)
  expect(installation.haku.calls.last).toBe(calls + 1)
  editPerson(w, eventId, keys[1]!, { lastName: 'Later' })
  clock.advance(60_000)
  await installation.sync(clientId)
  expect(await differences(db, installation.haku.truth().get(eventId)!, { partnerId: 1 })).toEqual([])
})
