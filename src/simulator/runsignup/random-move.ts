import { inventEmail, inventName } from '../names.ts'
import type { Rng } from '../random.ts'
import {
  assignBibs,
  edit,
  editRunner,
  erase,
  isLive,
  register,
  remove,
  restore,
  swapBibs,
  type Touch,
  transfer,
} from './moves.ts'
import { moveEvent, renameEvent, setEventDeleted } from './race-moves.ts'
import type { RaceEvent } from './records.ts'
import { inventPhone } from './registration.ts'
import type { World } from './world.ts'

export interface RandomMoveOptions {
  /** only these events; default all */
  eventIds?: readonly string[]
  /** share of changes that do not move `last_modified` (0 to 1); default 0 */
  silent?: number
  /** whether registrations are also deleted without a word among the removed; default false */
  erase?: boolean
  /** whether events themselves move, vanish and come back; default false */
  events?: boolean
}

/** What a random move did, without personal data, to print with a counterexample. */
export interface MoveMade {
  kind: string
  eventId: string
  ids: string[]
}

interface Scene {
  world: World
  event: RaceEvent
  /** the events among which people are transferred */
  events: readonly RaceEvent[]
  rng: Rng
  touch: Touch
  /** a random registration, or null where there is none */
  one: string | null
}

/** Does the move and returns the registrations concerned, or null when it does not apply. */
type Maker = (scene: Scene) => string[] | null

const onOne =
  (move: (scene: Scene, id: string) => void): Maker =>
  (scene) => {
    if (scene.one === null) return null
    move(scene, scene.one)
    return [scene.one]
  }

const MOVES: readonly { kind: string; weight: number; make: Maker }[] = [
  { kind: 'register', weight: 5, make: ({ world, event }) => [register(world, event.id).id] },
  {
    kind: 'edit',
    weight: 5,
    make: onOne(({ world, event, rng, touch }, id) => {
      const { first, last } = inventName(rng)
      const change = { firstName: first, lastName: last, email: inventEmail(rng), phone: inventPhone(rng) }
      editRunner(world, event.id, id, change, touch)
    }),
  },
  {
    kind: 'bib',
    weight: 3,
    make: onOne(({ world, event, rng, touch }, id) =>
      edit(world, event.id, id, { bib: rng.chance(0.8) ? world.nextBib(event) : null }, touch),
    ),
  },
  {
    kind: 'check-in',
    weight: 1,
    make: onOne(({ world, event, touch }, id) =>
      edit(world, event.id, id, { checkedInAt: world.now() }, touch),
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
    kind: 'remove',
    weight: 3,
    make: onOne(({ world, event, rng }, id) =>
      remove(world, event.id, id, rng.pick(['cleared', 'removed', 'deferred'])),
    ),
  },
  {
    kind: 'transfer',
    weight: 3,
    make: ({ world, event, events, rng, one }) => {
      const targets = events.filter((other) => other.raceId === event.raceId && other.id !== event.id)
      if (one === null || targets.length === 0) return null
      return [one, transfer(world, event.id, one, rng.pick(targets).id).id]
    },
  },
  {
    kind: 'restore',
    weight: 2,
    make: ({ world, event, rng }) => {
      const candidates = [...event.removals.keys()].filter((id) => !isLive(world, id))
      if (candidates.length === 0) return null
      const id = rng.pick(candidates)
      restore(world, event.id, id)
      return [id]
    },
  },
]
const ERASE = { kind: 'erase', make: onOne(({ world, event }, id) => erase(world, event.id, id)) }

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
    make: ({ world, event }) => setEventDeleted(world, event.id, !event.deleted),
  },
]

const WEIGHTED = MOVES.flatMap((move) => Array.from({ length: move.weight }, () => move))

/**
 * Does one random move, chosen by `rng`; returns what it was, or null in a world without events. The same world
 * and the same rng state always make the same move.
 */
export function randomMove(rng: Rng, world: World, options: RandomMoveOptions = {}): MoveMade | null {
  const onlyThese = options.eventIds && new Set(options.eventIds)
  const known = [...world.events.values()].filter((event) => !onlyThese || onlyThese.has(event.id))
  const events = known.filter((event) => !event.deleted)
  const ofEvents = options.events === true && rng.chance(0.05)
  if ((ofEvents ? known : events).length === 0) return null
  const event = rng.pick(ofEvents ? known : events)
  const ids = [...event.registrations.keys()]
  const scene: Scene = {
    world,
    event,
    events,
    rng,
    touch: rng.chance(options.silent ?? 0) ? 'silent' : 'stamped',
    one: ids.length === 0 ? null : rng.pick(ids),
  }
  if (ofEvents) {
    const { kind, make } = rng.pick(EVENT_MOVES)
    make(scene)
    return { kind, eventId: event.id, ids: [] }
  }
  const { kind, make } = rng.pick(options.erase ? [...WEIGHTED, ERASE] : WEIGHTED)
  const made = make(scene)
  if (made) return { kind, eventId: event.id, ids: made }
  return { kind: 'register', eventId: event.id, ids: [register(world, event.id).id] }
}
