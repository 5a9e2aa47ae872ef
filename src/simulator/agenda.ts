import type { Clock } from '../domain/clock.ts'
import type { BaseCall } from './call-log.ts'

/** A world with a clock, in which something can happen as if it were another instant (epoch ms). */
interface TimedWorld<W> {
  readonly clock: Clock
  holdAt(instant: number, move: (world: W) => void): void
}

interface Planned<W, C> {
  due: (call: C) => boolean
  move: (world: W) => void
}

/** What is going to happen: at an instant, before a given call, or before a page of an event's list is read. */
export class Agenda<W extends TimedWorld<W>, C extends BaseCall> {
  readonly #world: W
  #timed: { at: number; move: (world: W) => void }[] = []
  #planned: Planned<W, C>[] = []

  constructor(world: W) {
    this.#world = world
  }

  /** Plans a move for an instant (epoch ms); it is stamped with that instant, however late anybody looks. */
  at(instant: number, move: (world: W) => void): void {
    this.#timed.push({ at: instant, move })
    this.#timed.sort((a, b) => a.at - b.at)
  }

  /** Plans a move for the moment before the first call that fits. */
  before(due: (call: C) => boolean, move: (world: W) => void): void {
    this.#planned.push({ due, move })
  }

  /** Lets everything happen whose instant has come. */
  catchUp(): void {
    while (this.#timed[0] && this.#timed[0].at <= this.#world.clock.now()) {
      const [{ at, move }] = this.#timed.splice(0, 1) as [{ at: number; move: (world: W) => void }]
      this.#world.holdAt(at, move)
    }
  }

  /** Lets happen what was planned for the moment before this call. */
  meet(call: C): void {
    this.catchUp()
    const now = this.#planned.filter((planned) => planned.due(call))
    this.#planned = this.#planned.filter((planned) => !now.includes(planned))
    for (const { move } of now) move(this.#world)
  }
}
