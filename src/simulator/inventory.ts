import type { Clock } from '../domain/clock.ts'
import { inventSecret } from './names.ts'
import { World } from './world.ts'

/** What a partner would type in to connect one organization. */
export interface InventoryCredential {
  partner: string
  organization: string
  clientId: string
  secret: string
  /** the organization's IANA zone */
  timezone: string
}

export interface InventoryOptions {
  seed?: number
  clock: Clock
  /** events per organization; default 2 */
  events?: number
  /** registrations per event; default 40 */
  participants?: number
  /** whether the two partners on one client id hold the same secret; default false: two secrets are valid */
  sharedSecret?: boolean
}

export interface Inventory {
  world: World
  credentials: InventoryCredential[]
}

const ORGANIZATIONS = [
  { name: 'Lantern Bay Runners', timezone: 'America/New_York', partners: ['Tidewater Timing'] },
  { name: 'Cedar Ridge Athletics', timezone: 'America/Chicago', partners: ['Tidewater Timing'] },
  { name: 'Old Mill Striders', timezone: 'America/New_York', partners: ['Granite Splits'] },
  { name: 'Blue Heron Events', timezone: 'America/Denver', partners: ['Granite Splits'] },
  { name: 'Punahele Road Club', timezone: 'Pacific/Honolulu', partners: ['Trade Wind Chips'] },
  {
    name: 'Golden Quarry Races',
    timezone: 'America/Los_Angeles',
    partners: ['Finish Arch Co.', 'Second Mat Timing'],
  },
] as const

/**
 * A world in the shape of the legacy inventory (Haku API notes 1.6): five partners, seven credentials, six client
 * ids; two partners share one client id, two partners hold two organizations each. All names are invented.
 */
export function inventory(options: InventoryOptions): Inventory {
  const world = new World({ clock: options.clock, ...(options.seed !== undefined && { seed: options.seed }) })
  const credentials: InventoryCredential[] = []
  for (const { name, timezone, partners } of ORGANIZATIONS) {
    const secrets = partners.map(() => inventSecret(world.rng))
    if (options.sharedSecret) secrets.splice(1)
    const organization = world.addOrganization({ name, timezone, secret: secrets })
    for (const [i, partner] of partners.entries()) {
      const secret = (secrets[i] ?? secrets[0]) as string
      credentials.push({ partner, organization: name, clientId: organization.clientId, secret, timezone })
    }
    for (let i = 0; i < (options.events ?? 2); i++) {
      const startsAt = world.now() + (3 + 11 * i) * 86_400_000
      world.addEvent(organization, { participants: options.participants ?? 40, startsAt })
    }
  }
  return { world, credentials }
}
