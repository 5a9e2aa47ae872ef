import { moveEvent, removeEvent, renameEvent, restoreEvent } from './event-moves.ts'
import {
  assignBibs,
  cancel,
  editPerson,
  hide,
  register,
  remove,
  restore,
  setBib,
  swapBibs,
  type Touch,
  transferInPlace,
  transferToNew,
} from './moves.ts'
import { inventEmail, inventName, inventPhone } from './names.ts'
import type { Rng } from './random.ts'
import type { RaceEvent, World } from './world.ts'

export interface RandomMoveOptions {
  /** only these events; default all */
  eventIds?: readonly string[]
  /** share of changes that the list does not show (0 to 1); default 0 */
  invisible?: number
  /** whether events themselves move, vanish and come back; default false */
  events?: boolean
}

/** What a random move did, without personal data, to print with a counterexample. */
export interface MoveMade {
  kind: string
  eventId: string
  numbers: string[]
}

interface Scene {
  world: World
  event: RaceEvent
  rng: Rng
  touch: Touch
  /** a random registration, or null where there is none */
  one: string | null
}

/** Does the move and returns the numbers concerned, or null when it does not apply. */
type Maker = (scene: Scene) => string[] | null

const onOne =
  (move: (scene: Scene, number: string) => void): Maker =>
  (scene) => {
    if (scene.one === null) return null
    move(scene, scene.one)
    return [scene.one]
  }

const MOVES: readonly { kind: string; weight: number; make: Maker }[] = [
  { kind: 'register', weight: 5, make: ({ world, event }) => [register(world, event.id).number] },
  {
    kind: 'edit',
    weight: 5,
    make: onOne(({ world, event, rng, touch }, number) => {
      const name = inventName(rng)
      const change = {
        firstName: name.first,
        lastName: name.last,
        email: inventEmail(rng),
        phone: inventPhone(rng),
      }
      editPerson(world, event.id, number, change, touch)
    }),
  },
  {
    kind: 'bib',
    weight: 3,
    make: onOne(({ world, event, rng, touch }, number) =>
      setBib(world, event.id, number, rng.chance(0.8) ? world.nextBib(event) : null, touch),
    ),
  },
  {
    kind: 'swap',
    weight: 3,
    make: ({ world, event, rng, touch }) => {
      const [a, b] = rng.sample([...event.registrations.keys()], 2)
      if (a === undefined || b === undefined) return null
      swapBibs(world, event.id, a, b, touch)
      return [a, b]
    },
  },
  {
    kind: 'bulk bibs',
    weight: 1,
    make: ({ world, event, rng, touch }) => assignBibs(world, event.id, 1 + rng.int(60), touch),
  },
  {
    kind: 'cancel',
    weight: 3,
    make: onOne(({ world, event, touch }, n) => cancel(world, event.id, n, touch)),
  },
  { kind: 'remove', weight: 2, make: onOne(({ world, event }, n) => remove(world, event.id, n)) },
  { kind: 'hide', weight: 1, make: onOne(({ world, event }, n) => hide(world, event.id, n)) },
  {
    kind: 'restore',
    weight: 2,
    make: ({ world, event, rng, touch }) => {
      const hidden = [...event.registrations.values()]
        .filter((r) => r.hidden || r.isCancelled)
        .map((r) => r.number)
      const candidates = [...event.gone.keys(), ...hidden]
      if (candidates.length === 0) return null
      const number = rng.pick(candidates)
      restore(world, event.id, number, touch)
      return [number]
    },
  },
  {
    kind: 'transfer in place',
    weight: 1,
    make: onOne(({ world, event, touch }, n) => transferInPlace(world, event.id, n, touch)),
  },
  {
    kind: 'transfer to new',
    weight: 1,
    make: ({ world, event, rng, one }) =>
      one === null
        ? null
        : [one, transferToNew(world, event.id, one, rng.pick(['cancelled', 'deferred'])).number],
  },
]

const EVENT_MOVES: readonly { kind: string; make: (scene: Scene) => void }[] = [
  {
    kind: 'move event',
    make: ({ world, event, rng }) => moveEvent(world, event.id, world.now() + (1 + rng.int(90)) * 86_400_000),
  },
  {
    kind: 'rename event',
    make: ({ world, event, rng }) => renameEvent(world, event.id, `${event.name} ${rng.int(100)}`),
  },
  {
    kind: 'remove or restore event',
    make: ({ world, event }) =>
      void (event.deleted ? restoreEvent(world, event.id) : removeEvent(world, event.id)),
  },
]

const WEIGHTED = MOVES.flatMap((move) => Array.from({ length: move.weight }, () => move))

/**
 * Does one random move, chosen by `rng`; returns what it was, or null in a world without events. The same world
 * and the same rng state always make the same move.
 */
export function randomMove(rng: Rng, world: World, options: RandomMoveOptions = {}): MoveMade | null {
  const onlyThese = options.eventIds && new Set(options.eventIds)
  const events = [...world.events.values()].filter((event) => !onlyThese || onlyThese.has(event.id))
  const moving = events.filter((event) => !event.deleted)
  const ofEvents = options.events === true && rng.chance(0.05)
  if ((ofEvents ? events : moving).length === 0) return null
  const event = rng.pick(ofEvents ? events : moving)
  const numbers = [...event.registrations.keys()]
  const scene: Scene = {
    world,
    event,
    rng,
    touch: rng.chance(options.invisible ?? 0) ? rng.pick(['detail', 'nested']) : 'row',
    one: numbers.length === 0 ? null : rng.pick(numbers),
  }
  if (ofEvents) {
    const { kind, make } = rng.pick(EVENT_MOVES)
    make(scene)
    return { kind, eventId: event.id, numbers: [] }
  }
  const { kind, make } = rng.pick(WEIGHTED)
  const made = make(scene)
  if (made) return { kind, eventId: event.id, numbers: made }
  return { kind: 'register', eventId: event.id, numbers: [register(world, event.id).number] }
}
