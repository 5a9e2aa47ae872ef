import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkForeignCalls, checkForeignWrites } from '../../src/cli/doctor-cutover.ts'
import type { VirtualClock } from '../../src/domain/clock.ts'
import { cancel, editPerson, register, remove, type World } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { asTenant } from '../../src/store/isolation/tenant.ts'
import { listEvents } from '../../src/store/overview/events.ts'
import { removeCredential } from '../../src/store/partners.ts'
import { beginShadow } from '../../src/store/shadow/begin.ts'
import { shadowedSince } from '../../src/store/shadow/tables.ts'
import { forgetRegistrations } from '../../src/sync/forget.ts'
import { goLive } from '../../src/sync/go-live.ts'
import { type Explained, shadowDifferences } from '../../src/sync/shadow-diff.ts'
import type { Installation } from '../helpers/installation-on.ts'
import { installOnLegacy } from '../helpers/legacy-installation.ts'
import { legacyRows } from '../helpers/legacy-rows.ts'
import { differences } from '../helpers/truth.ts'
import { feedOf } from './crash/race.ts'

let db: Db
let clock: VirtualClock
let w: World
let installation: Installation
let clientId: string
let eventId: string
let keys: string[]

beforeEach(async () => {
  ;({ db, clock, world: w, installation, clientId, eventId, keys } = await installOnLegacy())
})
afterEach(() => installation.stop())

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
  const before = await legacyRows(db)
  await morning()
  expect(await legacyRows(db)).toEqual(before)
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

const legacyBib = (key: string) =>
  sql<{ bib: string | null; local: string | null; name: string }>`
    SELECT bib_number AS bib, local_bib AS local, first_name AS name FROM public.haku_participants
    WHERE event_id = ${eventId} AND participant_id = ${key} AND timing_partner_id = 1`
    .execute(db)
    .then(({ rows }) => rows[0])

it('the comparison finds every difference, and tells those that the known defects of the older system make', async () => {
  await beginShadow(db)
  await morning()
  const found = await differencesOf(1)
  expect(found.get(keys[4]!)).toEqual(['missing_there'])
  expect(found.get(keys[0]!)).toEqual(expect.arrayContaining(['first_name', 'last_name', 'email']))
  // Of somebody who was removed, and whom the legacy table never had, there is nothing to say.
  expect(found.has(keys[7]!)).toBe(false)
  expect(found.get(null)).toEqual(expect.arrayContaining(['event_name', 'start_date']))
  // The scripts bring a row to what it has to be; a column that they got wrong is told alone.
  const columns = sql.raw(
    'bib_number, first_name, last_name, email, phone, date_of_birth, gender, nationality, emergency_contact, team_affiliation, category, payment_status, amount_paid',
  )
  await sql`UPDATE public.haku_participants l SET (${columns}) = (SELECT ${columns} FROM startlist_shadow.haku_participants s
    WHERE s.id = l.id AND s.participant_id = l.participant_id) WHERE event_id = ${eventId} AND timing_partner_id = 1`.execute(
    db,
  )
  expect((await differencesOf(1)).has(keys[1]!)).toBe(false)
  await sql`UPDATE startlist_shadow.haku_participants SET chip_number = 'C77' WHERE participant_id = ${keys[1]!}`.execute(
    db,
  )
  await sql`UPDATE public.haku_participants SET bib_number = 'C77' WHERE participant_id = ${keys[1]!}`.execute(
    db,
  )
  expect(await whys(keys[1]!)).toEqual(['the older system takes the chip for the bib where there is none'])
  await sql`UPDATE startlist_shadow.haku_participants SET removed_at = now() WHERE participant_id = ${keys[2]!}`.execute(
    db,
  )
  expect(await whys(keys[2]!)).toEqual(['removed at the provider, which the older system does not notice'])
  cancel(w, eventId, keys[3]!)
  clock.advance(60_000)
  await installation.sync(clientId)
  expect(await whys(keys[3]!)).toContain('the older system stores no status: cancelled at the provider')
})

async function explained() {
  const all: Explained[] = []
  for await (const { event, rows } of shadowDifferences(db, eventId))
    for await (const row of rows) if (event.partnerId === 1) all.push(row)
  return all
}
async function differencesOf(partnerId: number): Promise<Map<string | null, string[]>> {
  expect(partnerId).toBe(1)
  return new Map(
    (await explained()).map(({ difference, findings }) => [
      difference.key,
      findings.map(({ kind, field }) => field ?? kind),
    ]),
  )
}
const whys = async (key: string) =>
  (await explained())
    .filter(({ difference }) => difference.key === key)
    .flatMap(({ findings }) => findings.map(({ why }) => why))

it('what people and scripts changed in the legacy tables meanwhile outlives going live', async () => {
  await beginShadow(db)
  await morning()
  // A desk gave a bib to somebody whom the provider gives none, and a script met somebody whom startlist did not.
  await sql`UPDATE startlist_shadow.haku_participants SET provider_bib = NULL, bib_number = NULL, local_bib = NULL
    WHERE participant_id IN (${keys[0]!}, ${keys[1]!})`.execute(db)
  await sql`UPDATE startlist_shadow.haku_participants SET chip_number = 'C9' WHERE participant_id = ${keys[1]!}`.execute(
    db,
  )
  await sql`UPDATE public.haku_participants SET bib_number = '900' WHERE participant_id = ${keys[0]!}`.execute(
    db,
  )
  await sql`UPDATE public.haku_participants SET bib_number = 'C9' WHERE participant_id = ${keys[1]!}`.execute(
    db,
  )
  await sql`INSERT INTO public.haku_participants (event_id, participant_id, first_name, timing_partner_id)
    VALUES (${eventId}, 'only-there', 'Scripted', 1), (${eventId}, 'forgotten', 'Somebody', 1)`.execute(db)
  await sql`UPDATE public.timing_partners SET company_name = 'Renamed Timing' WHERE timing_partner_id = 1`.execute(
    db,
  )
  await sql`UPDATE timing_partners SET timezone = 'America/Denver' WHERE timing_partner_id = 1`.execute(db)
  await forgetRegistrations(db, { provider: 'haku', keys: ['forgotten'] })
  const feed = (await feedOf(db, eventId, 1)).length

  expect(await goLive(db)).toMatchObject({ localBibs: 1 })
  expect(await legacyBib(keys[0]!)).toMatchObject({ bib: '900', local: '900' })
  expect(await legacyBib(keys[1]!)).toMatchObject({ bib: null, local: null })
  expect(await legacyBib('only-there')).toMatchObject({ name: 'Scripted' })
  expect(await legacyBib('forgotten')).toMatchObject({ name: null })
  expect((await feedOf(db, eventId, 1)).slice(feed)).toMatchObject([
    { key: keys[0]!, change: 'changed', fields: { bib_number: [null, '900'] } },
  ])
  const { rows } =
    await sql`SELECT company_name, timezone FROM public.timing_partners WHERE timing_partner_id = 1`.execute(
      db,
    )
  expect(rows).toEqual([{ company_name: 'Renamed Timing', timezone: 'America/Denver' }])
})

it('a credential that a person removed in the shadow is gone when it goes live', async () => {
  await beginShadow(db)
  const credentials = async () =>
    (
      await sql<{ id: number }>`SELECT partner_provider_credential_id AS id
      FROM public.partner_provider_credentials ORDER BY 1`.execute(db)
    ).rows.map(({ id }) => id)
  const before = await credentials()
  await removeCredential(db, before[0]!)
  expect(await credentials()).toEqual(before)
  await goLive(db)
  expect(await credentials()).toEqual(before.slice(1))
})

it('a secret that the scripts changed meanwhile has to prove itself again', async () => {
  await beginShadow(db)
  await installation.discover(clientId)
  await sql`UPDATE public.partner_provider_credentials SET secret = 'another' WHERE timing_partner_id = 1 AND principal = ${clientId}`.execute(
    db,
  )
  await goLive(db)
  const { rows } =
    await sql`SELECT timing_partner_id AS id, state, proven_at IS NULL AS unproven FROM partner_provider_credentials
    WHERE principal = ${clientId} ORDER BY 1`.execute(db)
  expect(rows).toMatchObject([
    { id: 1, state: 'Untested', unproven: true },
    { id: 2, unproven: false },
  ])
})

it('doctor finds what another program writes, and calls that another program makes', async () => {
  const config = installation.services.config
  expect(await checkForeignWrites(db)).toMatchObject({ state: 'ok' })
  await installation.discover(clientId)
  await installation.sync(clientId)
  expect(await checkForeignWrites(db)).toMatchObject({ state: 'ok' })
  expect(await checkForeignCalls(db, config)).toMatchObject({ state: 'ok' })
  await sql`INSERT INTO haku_participants (event_id, participant_id, timing_partner_id, fetched_date)
    VALUES (${eventId}, 'foreign', 1, ${'2026-05-01T11:58:00'})`.execute(db)
  expect(await checkForeignWrites(db)).toMatchObject({
    state: 'warn',
    detail: expect.stringMatching(/^another program wrote rows within a day: 1 in haku_participants/),
  })
  await sql`UPDATE api_calls SET status = 429 WHERE call_id = (SELECT max(call_id) FROM api_calls)`.execute(
    db,
  )
  const made = installation.haku.calls.last
  expect(await checkForeignCalls(db, config)).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining(`was throttled after ${made} of 100000 calls`),
    hint: expect.stringContaining('--external-use 95%'),
  })
})
