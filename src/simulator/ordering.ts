import type { Rng } from './random.ts'
import type { Registration } from './registration.ts'
import type { RaceEvent } from './world.ts'

export interface Order {
  by: 'number' | 'updated'
  descending: boolean
  ties: 'stable' | 'shuffled'
}

interface Kept {
  version: number
  lists: Map<string, Registration[]>
}

const compare = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** Registration numbers are digits mostly: the shorter is the smaller. */
function byNumber(a: Registration, b: Registration): number {
  return a.number.length - b.number.length || compare(a.number, b.number)
}

function sorted(event: RaceEvent, order: Order, rng: Rng): Registration[] {
  const rows = [...event.registrations.values()].filter((r) => !r.hidden)
  const sign = order.descending ? -1 : 1
  if (order.by === 'number') return rows.sort((a, b) => sign * byNumber(a, b))
  if (order.ties === 'stable')
    return rows.sort((a, b) => sign * (a.listUpdatedAt - b.listUpdatedAt) || byNumber(a, b))
  const lot = new Map(rows.map((r) => [r, rng.next()]))
  return rows.sort(
    (a, b) => sign * (a.listUpdatedAt - b.listUpdatedAt) || (lot.get(a) as number) - (lot.get(b) as number),
  )
}

/** Lists in order, kept until their event moves: a big event is paged through hundreds of times. */
export class Orderings {
  readonly #kept = new WeakMap<RaceEvent, Kept>()
  readonly #rng: Rng

  constructor(rng: Rng) {
    this.#rng = rng
  }

  /** The listed registrations of an event in the given order. */
  of(event: RaceEvent, order: Order): readonly Registration[] {
    if (order.ties === 'shuffled') return sorted(event, order, this.#rng)
    let kept = this.#kept.get(event)
    if (kept?.version !== event.version) {
      kept = { version: event.version, lists: new Map() }
      this.#kept.set(event, kept)
    }
    const key = `${order.by}${order.descending}`
    let list = kept.lists.get(key)
    if (!list) {
      list = sorted(event, order, this.#rng)
      kept.lists.set(key, list)
    }
    return list
  }
}
