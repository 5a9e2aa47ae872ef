import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { checkAdoption, checkSecrets } from '../../src/cli/doctor-checks.ts'
import { VirtualClock } from '../../src/domain/clock.ts'
import { world } from '../../src/simulator/index.ts'
import { migrate } from '../../src/store/migrate.ts'
import { testDatabase } from '../helpers/database.ts'
import { type Installation, installOn, START } from '../helpers/installation-on.ts'
import { differences } from '../helpers/truth.ts'
import { makeLegacy } from '../store/adoption/model.ts'
import { PLAIN } from '../store/adoption/variant.ts'
import { feedOf } from './crash/race.ts'

let installation: Installation | undefined
afterEach(() => installation?.stop())

it('an adopted database is synced with its plain secrets, which doctor points out with all that is left over', async () => {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 3 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants: 8 })
  const keys = [...event.registrations.keys()]
  const { db } = await testDatabase({ empty: true, virtualClock: clock })
  await makeLegacy(db, { ...PLAIN, nameless: true, doubled: true })
  const secret = organization.secrets[0]!
  await sql`UPDATE partner_provider_credentials SET principal = ${organization.clientId}, secret = ${secret}
    WHERE principal = 'client-shared'`.execute(db)
  // The older system knew the event and half of its people, and two of them twice.
  await sql`INSERT INTO haku_events (event_id, event_name, timing_partner_id) VALUES (${event.id}, 'Old name', 1)`.execute(
    db,
  )
  for (const key of [...keys.slice(0, 4), ...keys.slice(0, 2)])
    await sql`INSERT INTO haku_participants (event_id, participant_id, first_name, timing_partner_id)
      VALUES (${event.id}, ${key}, 'Old', 1)`.execute(db)
  await sql`UPDATE runsignup_participants SET credentials_used = 'plain-key-three' WHERE registration_id = 9002`.execute(
    db,
  )
  await migrate(db)
  installation = await installOn(db, { clock, world: w })

  await installation.discover(organization.clientId)
  const { rows } = await sql<{ starts: string; wall: string }>`
    SELECT starts_at AS starts, start_date AS wall FROM haku_events WHERE event_id = ${event.id} AND timing_partner_id = 1`.execute(
    db,
  )
  expect(rows).toEqual([{ starts: '2026-05-02T11:00:00Z', wall: '2026-05-02T07:00:00' }])
  await installation.sync(organization.clientId)
  // Two partners share the client id, and both have it all.
  for (const partnerId of [1, 2])
    expect(await differences(db, installation.haku.truth().get(event.id)!, { partnerId })).toEqual([])
  const kinds = (await feedOf(db, event.id, 1)).map(({ change }) => change)
  expect(kinds.filter((kind) => kind === 'adopted')).toHaveLength(4)
  expect(kinds.filter((kind) => kind === 'added')).toHaveLength(4)

  const key = installation.services.key
  expect(await checkSecrets(db, key)).toMatchObject({
    state: 'warn',
    detail: expect.stringMatching(/^in plain text: /),
  })
  expect(await checkAdoption(db)).toMatchObject({
    state: 'warn',
    detail: expect.stringMatching(
      /1 row in haku_events_unassigned, .*6 rows in haku_participants_duplicates.*10 rows of haku_participants without a registration number.*1 row of runsignup_participants with a secret in credentials_used/,
    ),
  })
})
