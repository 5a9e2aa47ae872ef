import { onMount, untrack } from 'svelte'
import { Problem } from '../api/problem.ts'
import type { Topic } from '../view/topics.ts'
import { live } from './live.svelte.ts'

/** Even without news: whether something is late is a matter of time alone. */
const LOOK_MS = 30_000

/** What a page reads from the server, kept current. Old data stays while new is read, and when reading fails. */
export class Query<T> {
  data = $state.raw<T | null>(null)
  problem = $state.raw<Problem | null>(null)
  isReading = $state(false)
  #turn = $state(0)

  /**
   * To be made while a component is.
   * @param read run again whenever what it depends on changes; null to read nothing yet
   * @param isWorth of which news it is worth to look again; by default of all
   */
  constructor(
    read: (signal: AbortSignal) => Promise<T> | null,
    isWorth: (topic: Topic) => boolean = () => true,
  ) {
    $effect(() => {
      void this.#turn
      const abort = new AbortController()
      const reading = read(abort.signal)
      if (reading !== null) untrack(() => void this.#take(reading, abort.signal))
      return () => abort.abort()
    })
    onMount(() => {
      const timer = setInterval(() => this.again(), LOOK_MS)
      const leave = live.listen((topics) => {
        if ([...topics].some(isWorth)) this.again()
      })
      return () => {
        clearInterval(timer)
        leave()
      }
    })
  }

  /** Reads it once more. */
  again(): void {
    this.#turn += 1
  }

  async #take(reading: Promise<T>, signal: AbortSignal): Promise<void> {
    this.isReading = true
    try {
      const data = await reading
      if (signal.aborted) return
      this.data = data
      this.problem = null
    } catch (error) {
      if (!signal.aborted) this.problem = Problem.of(error)
    } finally {
      if (!signal.aborted) this.isReading = false
    }
  }
}
