import { sql } from 'kysely'
import { VirtualClock } from '../../src/domain/clock.ts'
import { type World, world } from '../../src/simulator/index.ts'
import type { Db } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { makeLegacy } from '../store/adoption/model.ts'
import { PLAIN } from '../store/adoption/variant.ts'
import { testDatabase } from './database.ts'
import { type Installation, installOn, START } from './installation-on.ts'

/** An adopted database beside a simulated Haku. */
export interface LegacyInstallation {
  db: Db
  /** for further pools */
  url: string
  clock: VirtualClock
  world: World
  installation: Installation
  clientId: string
  eventId: string
  /** numbers of the event's eight registrations */
  keys: string[]
}

/** One with the event, and half of its people under old names. Two timing partners, 1 and 2, share the client id. */
export async function installOnLegacy(): Promise<LegacyInstallation> {
  const clock = new VirtualClock(START)
  const w = world({ clock, seed: 5 })
  const organization = w.addOrganization({ name: 'Riverbend Runners' })
  const event = w.addEvent(organization, { startsAt: '2026-05-02T07:00:00', participants: 8 })
  const { clientId } = organization
  const keys = [...event.registrations.keys()]
  const { db, url } = await testDatabase({ empty: true, virtualClock: clock })
  await makeLegacy(db, PLAIN)
  await sql`UPDATE partner_provider_credentials SET principal = ${clientId}, secret = ${organization.secrets[0]!}
    WHERE principal = 'client-shared'`.execute(db)
  await sql`INSERT INTO haku_events (event_id, event_name, timing_partner_id) VALUES (${event.id}, 'Old name', 1)`.execute(
    db,
  )
  for (const key of keys.slice(0, 4))
    await sql`INSERT INTO haku_participants (event_id, participant_id, first_name, timing_partner_id)
      VALUES (${event.id}, ${key}, 'Old', 1)`.execute(db)
  await migrate(db)
  const installation = await installOn(db, { clock, world: w })
  return { db, url, clock, world: w, installation, clientId, eventId: event.id, keys }
}
