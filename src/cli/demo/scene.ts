import { VirtualClock } from '../../domain/clock.ts'
import { type InventoryCredential, inventory, type RaceEvent, type World } from '../../simulator/index.ts'
import { somebody } from './people.ts'

/** The provider's world that the demo plays in, and when. Instants in ms since the epoch. */
export interface Scene {
  world: World
  /** Shared by provider, engine and database. */
  clock: VirtualClock
  credentials: InventoryCredential[]
  /** The race of the morning; two timing partners receive it through one client id. */
  race: RaceEvent
  gun: number
}

interface Planned {
  organization: string
  name: string
  /** Days after race day. */
  day: number
  time: string
  people: number
  /** Share of the people who have a bib. */
  bibs?: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const RACE = 'Golden Quarry Half Marathon'
/** On the evening before, so that names are there long before the morning. */
const BEGINS_BEFORE_GUN = 13 * HOUR
const SEED = 412

const EVENTS: readonly Planned[] = [
  { organization: 'Golden Quarry Races', name: RACE, day: 0, time: '07:00:00', people: 120, bibs: 0.4 },
  {
    organization: 'Golden Quarry Races',
    name: 'Quarry Trail Classic',
    day: 22,
    time: '08:00:00',
    people: 30,
  },
  {
    organization: 'Cedar Ridge Athletics',
    name: 'Cedar Ridge Twilight 5K',
    day: 0,
    time: '18:30:00',
    people: 60,
  },
  {
    organization: 'Cedar Ridge Athletics',
    name: 'Cedar Ridge Marathon',
    day: 43,
    time: '07:00:00',
    people: 36,
  },
  { organization: 'Lantern Bay Runners', name: 'Lantern Bay 10K', day: 1, time: '07:30:00', people: 70 },
  {
    organization: 'Lantern Bay Runners',
    name: 'Lantern Bay Night Run',
    day: 64,
    time: '20:00:00',
    people: 40,
  },
  { organization: 'Old Mill Striders', name: 'Old Mill 15K', day: 8, time: '08:00:00', people: 45 },
  { organization: 'Old Mill Striders', name: 'Mill Pond Mile', day: 50, time: '09:00:00', people: 30 },
  { organization: 'Blue Heron Events', name: 'Blue Heron Trail Half', day: 15, time: '07:00:00', people: 50 },
  { organization: 'Blue Heron Events', name: 'Heron Hill Climb', day: 29, time: '08:30:00', people: 30 },
  { organization: 'Punahele Road Club', name: 'Punahele Sunrise 10K', day: 1, time: '06:00:00', people: 40 },
  { organization: 'Punahele Road Club', name: 'Punahele Ekiden', day: 36, time: '07:00:00', people: 32 },
]

/**
 * Makes the world: partners, credentials and client ids of the legacy inventory, two events an organization. The same
 * at every run but for the date: race day is the latest Saturday before `now`, so that all of it has happened.
 */
export function makeScene(now: number): Scene {
  const raceDay = lastSaturday(now)
  const clock = new VirtualClock(raceDay)
  const { world, credentials } = inventory({ clock, seed: SEED, events: 0 })
  const events = EVENTS.map((planned) => ({ planned, event: addEvent(world, raceDay, planned) }))
  const race = events.find(({ planned }) => planned.name === RACE)?.event
  if (race === undefined || race.startsAt === null) throw new Error('the demo has no race')
  const gun = race.startsAt
  clock.set(gun - BEGINS_BEFORE_GUN)
  // Registrations are dated back from the present, which is only known now.
  for (const { planned, event } of events) fillEvent(world, event, planned)
  return { world, clock, credentials, race, gun }
}

function addEvent(world: World, raceDay: number, { organization, name, day, time }: Planned): RaceEvent {
  const found = [...world.organizations.values()].find((o) => o.name === organization)
  if (found === undefined) throw new Error(`the inventory has no ${organization}`)
  const date = new Date(raceDay + day * DAY).toISOString().slice(0, 10)
  return world.addEvent(found, { name, startsAt: `${date} ${time}` })
}

function fillEvent(world: World, event: RaceEvent, { people, bibs = 0.8 }: Planned): void {
  const { rng } = world
  event.nextBib = 401
  for (let i = 0; i < people; i++) {
    const at = world.now() - 1 - rng.int(90 * DAY)
    world.addRegistration(event, at, rng.chance(bibs) ? world.nextBib(event) : null, somebody(rng))
  }
}

/** Midnight UTC of the latest Saturday that is over everywhere. */
function lastSaturday(now: number): number {
  const midnight = Math.floor(now / DAY) * DAY
  const daysSince = (new Date(midnight).getUTCDay() + 1) % 7
  return midnight - (daysSince < 2 ? daysSince + 7 : daysSince) * DAY
}
