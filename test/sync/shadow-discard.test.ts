import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { codeOf } from '../../src/domain/errors.ts'
import { editPerson, register, remove } from '../../src/simulator/index.ts'
import { listCredentials } from '../../src/store/credentials.ts'
import { readFeed } from '../../src/store/overview/feed.ts'
import { beginShadow } from '../../src/store/shadow/begin.ts'
import { discardShadow } from '../../src/store/shadow/discard.ts'
import { shadowedSince } from '../../src/store/shadow/tables.ts'
import { callBudget } from '../../src/sync/call-budget.ts'
import { forgetRegistrations } from '../../src/sync/forget.ts'
import { goLive } from '../../src/sync/go-live.ts'
import { installOnLegacy, type LegacyInstallation } from '../helpers/legacy-installation.ts'
import { legacyRows } from '../helpers/legacy-rows.ts'
import { differences } from '../helpers/truth.ts'
import { feedOf } from './crash/race.ts'

let place: LegacyInstallation
beforeEach(async () => {
  place = await installOnLegacy()
})
afterEach(() => place.installation.stop())

/** A first sweep, a poll with news, and a removal that a full sweep finds. */
async function morning({
  installation,
  clock,
  clientId,
  world,
  eventId,
  keys,
}: LegacyInstallation): Promise<void> {
  await installation.discover(clientId)
  await installation.sync(clientId)
  clock.advance(60_000)
  register(world, eventId)
  editPerson(world, eventId, keys[0]!, { lastName: 'Renamed' })
  await installation.sync(clientId)
  clock.advance(60_000)
  remove(world, eventId, keys[7]!)
  await installation.sync(clientId, { full: true })
  clock.advance(60_000)
}

async function contact({ installation, clientId, clock }: LegacyInstallation): Promise<void> {
  clock.advance(60_000)
  await installation.discover(clientId)
  await installation.sync(clientId)
}

const truthOf = ({ installation, eventId }: LegacyInstallation) => installation.haku.truth().get(eventId)!

/** What a reader hears who has read a feed up to `after`. */
async function hears({ db, eventId }: LegacyInstallation, after: number): Promise<string | number[]> {
  const at = { provider: 'haku', partnerId: 1, eventId }
  return readFeed(db, at, after, 100).then(
    (entries) => entries.map(({ position }) => position),
    (error: unknown) => codeOf(error),
  )
}

it('a discarded shadow leaves the legacy tables as they were, and the next contact reads all of it whole', async () => {
  const { db, installation, clock, clientId, eventId, keys } = place
  await beginShadow(db)
  const before = await legacyRows(db)
  await morning(place)
  const end = (await feedOf(db, eventId, 1)).length
  expect(await hears(place, end)).toEqual([])

  const calls = installation.haku.calls.last
  expect(await discardShadow(db)).toEqual({ lists: 1, feeds: 2, remembered: 0 })
  expect(installation.haku.calls.last).toBe(calls)
  expect(await discardShadow(db)).toBe(null)
  expect(await shadowedSince(db)).toBe(null)
  expect(await legacyRows(db)).toEqual(before)
  // Whoever has read all of the feed, and whoever has read none of it, begins with the list.
  expect([await hears(place, 0), await hears(place, end)]).toEqual(['CHANGES_GONE', 'CHANGES_GONE'])
  expect(await hears(place, end + 1)).toEqual([])

  await installation.discover(clientId)
  await installation.sync(clientId)
  for (const partnerId of [1, 2]) expect(await differences(db, truthOf(place), { partnerId })).toEqual([])
  const feed = await feedOf(db, eventId, 1)
  expect(feed[0]?.position).toBe(end + 2)
  expect(
    feed
      .filter(({ change }) => change === 'adopted')
      .map(({ key }) => key)
      .sort(),
  ).toEqual(keys.slice(0, 4).sort())
  // Then it goes on as ever.
  clock.advance(60_000)
  const settled = installation.haku.calls.last
  await installation.sync(clientId)
  expect(installation.haku.calls.last).toBe(settled + 1)
})

it('a sweep that was cut off in the shadow does not go on in the legacy tables', async () => {
  const { db, installation, clock, clientId, world, eventId } = place
  for (let n = 0; n < 110; n++) register(world, eventId)
  await beginShadow(db)
  await installation.discover(clientId)
  await installation.sync(clientId, {}, { budget: callBudget(2) })
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*)::int AS n FROM sync_state WHERE pass IS NOT NULL`.execute(db)
  expect(rows).toEqual([{ n: 1 }])
  expect(await discardShadow(db)).toMatchObject({ lists: 1 })
  clock.advance(60_000)
  await installation.discover(clientId)
  await installation.sync(clientId)
  for (const partnerId of [1, 2]) expect(await differences(db, truthOf(place), { partnerId })).toEqual([])
})

/** A live installation whose operator went back to the scripts: they overwrite a name, and a desk gives a bib. */
async function backToScripts(): Promise<{ numbered: string; later: string }> {
  const { db, installation, clientId, eventId, keys, world, clock } = place
  await installation.discover(clientId)
  await installation.sync(clientId)
  clock.advance(60_000)
  await installation.sync(clientId)
  const [named, numbered, later] = [
    keys[0]!,
    register(world, eventId).number,
    register(world, eventId).number,
  ]
  clock.advance(60_000)
  await installation.sync(clientId)
  await sql`UPDATE public.haku_participants SET last_name = 'Scripted', fetched_date = fetched_date + interval '1 h'
    WHERE event_id = ${eventId} AND participant_id = ${named}`.execute(db)
  await sql`UPDATE public.haku_participants SET bib_number = '900', fetched_date = fetched_date + interval '1 h'
    WHERE event_id = ${eventId} AND participant_id = ${numbered}`.execute(db)
  await sql`UPDATE public.haku_events SET event_name = 'Scripted', fetched_date = fetched_date + interval '1 h'
    WHERE event_id = ${eventId}`.execute(db)
  clock.advance(7_200_000)
  return { numbered, later }
}

const eventNames = async () =>
  (
    await sql<{ name: string }>`SELECT DISTINCT event_name AS name FROM haku_events
      WHERE event_id = ${place.eventId}`.execute(place.db)
  ).rows.map(({ name }) => name)

it.each(['in the shadow', 'gone live', 'discarded'])(
  'what the scripts wrote over rows that startlist had met is found again: %s',
  async (how) => {
    const { db, installation, clientId } = place
    const { numbered, later } = await backToScripts()
    await beginShadow(db)
    if (how === 'discarded') await discardShadow(db)
    await installation.discover(clientId)
    await installation.sync(clientId)
    if (how === 'gone live') {
      await sql`UPDATE public.haku_participants SET bib_number = '901', fetched_date = fetched_date + interval '1 h'
        WHERE event_id = ${place.eventId} AND participant_id = ${later}`.execute(db)
      await goLive(db)
    }
    const bibs = [
      [numbered, 'bib_number', '900'],
      ...(how === 'gone live' ? [[later, 'bib_number', '901']] : []),
    ]
    for (const partnerId of [1, 2]) {
      const found = await differences(db, truthOf(place), { partnerId })
      expect(found.map(({ key, what, stored }) => [key, what, stored]).sort()).toEqual(bibs.sort())
    }
    expect(await eventNames()).toEqual([place.world.event(place.eventId).name])
  },
)

it.each(['forgotten again', 'met again'])(
  'what a person did in the shadow is gone with it; who was forgotten meanwhile is told, and taken out when %s',
  async (how) => {
    const { db, installation, eventId, keys } = place
    await beginShadow(db)
    await morning(place)
    const credentialId = await installation.addCredential(2, 'client-new', 'secret')
    await sql`UPDATE timing_partners SET timezone = 'America/Denver' WHERE timing_partner_id = 1`.execute(db)
    await forgetRegistrations(db, { provider: 'haku', keys: [keys[1]!] })
    expect(await discardShadow(db)).toMatchObject({ remembered: 1 })
    expect((await listCredentials(db)).map((one) => one.credentialId)).not.toContain(credentialId)
    const { rows } = await sql`SELECT timezone FROM timing_partners WHERE timing_partner_id = 1`.execute(db)
    expect(rows).toEqual([{ timezone: null }])
    const names = () =>
      sql<{ name: string | null }>`SELECT first_name AS name FROM haku_participants
      WHERE event_id = ${eventId} AND participant_id = ${keys[1]!}`
        .execute(db)
        .then((found) => found.rows.map(({ name }) => name))
    expect(await names()).toEqual(['Old'])
    if (how === 'forgotten again') await forgetRegistrations(db, { provider: 'haku', keys: [keys[1]!] })
    // A contact writes nothing of one who was forgotten.
    else await contact(place)
    expect(new Set(await names())).toEqual(new Set([null]))
  },
)
