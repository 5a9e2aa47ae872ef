import {
  cancel,
  editPerson,
  type Haku,
  Rng,
  register,
  remove,
  setBib,
  swapBibs,
  transferInPlace,
  type World,
} from '../../simulator/index.ts'
import { somebody } from './people.ts'
import type { Scene } from './scene.ts'

const MINUTE = 60_000
/** The bib window of the morning: reprints and late entries. */
const FIRST_SPARE_BIB = 970
const FIRST_LATE_BIB = 901

type Kind = 'rebib' | 'swap' | 'phone' | 'name' | 'late' | 'cancel' | 'transfer' | 'bulk' | 'remove'

/** What happens in the last two hours, in its order; more of it as the gun nears. */
const MORNING: readonly [minutesBefore: number, kind: Kind][] = [
  [116, 'rebib'],
  [109, 'phone'],
  [104, 'late'],
  [97, 'swap'],
  [91, 'cancel'],
  [84, 'late'],
  [80, 'name'],
  [73, 'rebib'],
  [66, 'bulk'],
  [57, 'transfer'],
  [52, 'late'],
  [47, 'swap'],
  [43, 'late'],
  [38, 'phone'],
  [34, 'remove'],
  [30, 'rebib'],
  [26, 'late'],
  [22, 'cancel'],
  [19, 'late'],
  [15, 'transfer'],
  [12, 'late'],
  [9, 'swap'],
  [6, 'late'],
  [3, 'rebib'],
]
/** Registrations at the other races meanwhile, so that quiet events are not all that is polled. */
const ELSEWHERE_EVERY = 11

/** Plans the morning at the provider; each move bears the instant at which it happens, whoever looks when. */
export function planMorning(haku: Haku, scene: Scene): void {
  const { race, gun } = scene
  const rng = new Rng(7)
  const people = rng.sample([...race.registrations.keys()], 60)
  const withBib = people.filter((number) => bibOf(scene.world, race.id, number) !== null)
  const others = people.filter((number) => !withBib.includes(number))
  let spare = FIRST_SPARE_BIB
  let late = FIRST_LATE_BIB
  const take = (from: string[]) => {
    const number = from.pop()
    if (number === undefined) throw new Error('the demo ran out of people')
    return number
  }
  const make: Record<Kind, () => (world: World) => void> = {
    rebib() {
      const [number, bib] = [take(withBib), String(spare++)]
      return (world) => setBib(world, race.id, number, bib)
    },
    swap() {
      const [one, other] = [take(withBib), take(withBib)]
      return (world) => swapBibs(world, race.id, one, other)
    },
    phone() {
      const number = take(others)
      return (world) => editPerson(world, race.id, number, { phone: '999-555-7412' })
    },
    name() {
      const [number, lastName] = [take(withBib), 'Kealoha-Doe']
      return (world) => editPerson(world, race.id, number, { lastName })
    },
    late() {
      const [person, bib] = [somebody(rng), String(late++)]
      return (world) => void register(world, race.id, { person, bib })
    },
    cancel() {
      const number = take(withBib)
      return (world) => cancel(world, race.id, number)
    },
    transfer() {
      const [number, person] = [take(withBib), somebody(rng)]
      return (world) => {
        transferInPlace(world, race.id, number)
        editPerson(world, race.id, number, person)
      }
    },
    bulk: () => (world) => {
      const bare = [...race.registrations.keys()].filter((number) => bibOf(world, race.id, number) === null)
      race.nextBib = 601
      for (const number of bare.slice(0, 60)) setBib(world, race.id, number, world.nextBib(race))
    },
    remove() {
      const number = take(withBib)
      return (world) => remove(world, race.id, number)
    },
  }
  for (const [minutes, kind] of MORNING) {
    haku.at(gun - minutes * MINUTE - rng.int(MINUTE), make[kind]())
  }
  const elsewhere = [...scene.world.events.values()].filter((event) => event !== race)
  for (let minutes = 118; minutes > 0; minutes -= ELSEWHERE_EVERY) {
    const [event, person] = [rng.pick(elsewhere), somebody(rng)]
    haku.at(gun - minutes * MINUTE - rng.int(MINUTE), (world) => void register(world, event.id, { person }))
  }
}

function bibOf(world: World, eventId: string, number: string): string | null {
  return world.registration(eventId, number).categories.find((c) => c.tagNumber !== null)?.tagNumber ?? null
}
