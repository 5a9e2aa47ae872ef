import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from './clock.ts'

interface Task {
  readonly name: string
  /** Sleeps under way; a task with one is asleep. */
  sleeps: number
}

interface Sleeper {
  readonly at: number
  readonly task: Task | undefined
  wake(): void
}

/**
 * Time for several tasks at once, such as the turns of several accounts. It stands still while any task is awake, real
 * I/O included, and moves to the earliest sleeper only when all of them sleep. Sleepers wake one at a time, in the order
 * of their instants and then of their going to sleep, so a run is the same every time.
 *
 * A task waits by `sleep` or for real I/O alone. One that waits for another task's doing counts as awake, and time would
 * stand still for good; {@link standing} says who it is.
 */
export class SimulationClock implements Clock {
  #now: number
  readonly #tasks = new Set<Task>()
  readonly #current = new AsyncLocalStorage<Task>()
  /** Sorted by instant; of equal ones the earlier comer first. */
  readonly #sleepers: Sleeper[] = []
  #moves = false

  /** @param start ms since the epoch */
  constructor(start: number) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  /** Names of the tasks that time waits for. */
  standing(): string[] {
    return [...this.#tasks].filter((task) => task.sleeps === 0).map((task) => task.name)
  }

  /** Runs `work` as a task of its own: time waits for it from now until it has ended. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const task: Task = { name, sleeps: 0 }
    this.#tasks.add(task)
    try {
      return await this.#current.run(task, work)
    } finally {
      this.#tasks.delete(task)
      this.#moveOn()
    }
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const task = this.#current.getStore()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper: Sleeper = {
      at: this.#now + Math.max(0, ms),
      task,
      wake: () => {
        signal?.removeEventListener('abort', onAbort)
        if (task) task.sleeps--
        resolve()
      },
    }
    const onAbort = () => {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
      if (task) task.sleeps--
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#insert(sleeper)
    if (task) task.sleeps++
    this.#moveOn()
    await promise
  }

  #insert(sleeper: Sleeper): void {
    let place = this.#sleepers.length
    while (place > 0 && (this.#sleepers[place - 1]?.at ?? 0) > sleeper.at) place--
    this.#sleepers.splice(place, 0, sleeper)
  }

  /** Wakes the next sleeper once nobody is awake; looked at again when what is under way in this moment is over. */
  #moveOn(): void {
    if (this.#moves) return
    this.#moves = true
    setImmediate(() => {
      this.#moves = false
      if (this.#tasks.values().some((task) => task.sleeps === 0)) return
      const next = this.#sleepers.shift()
      if (next === undefined) return
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      // Whoever sleeps outside every task does not hold time up.
      if (next.task === undefined) this.#moveOn()
    })
  }
}
