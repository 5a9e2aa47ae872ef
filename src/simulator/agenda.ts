import type { Call } from './call-log.ts'
import type { Move } from './moves.ts'
import type { World } from './world.ts'

interface Planned {
  due: (call: Call) => boolean
  move: Move
}

/** What is going to happen: at an instant, before a given call, or before a page of an event's list is read. */
export class Agenda {
  readonly #world: World
  #timed: { at: number; move: Move }[] = []
  #planned: Planned[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** Plans a move for an instant (epoch ms); it is stamped with that instant, however late anybody looks. */
  at(instant: number, move: Move): void {
    this.#timed.push({ at: instant, move })
    this.#timed.sort((a, b) => a.at - b.at)
  }

  /** Plans a move for the moment before the first call that fits. */
  before(due: (call: Call) => boolean, move: Move): void {
    this.#planned.push({ due, move })
  }

  /** Lets everything happen whose instant has come. */
  catchUp(): void {
    while (this.#timed[0] && this.#timed[0].at <= this.#world.clock.now()) {
      const { at, move } = this.#timed.shift() as { at: number; move: Move }
      this.#world.holdAt(at, move)
    }
  }

  /** Lets happen what was planned for the moment before this call. */
  meet(call: Call): void {
    this.catchUp()
    const now = this.#planned.filter((planned) => planned.due(call))
    this.#planned = this.#planned.filter((planned) => !now.includes(planned))
    for (const { move } of now) move(this.#world)
  }
}
