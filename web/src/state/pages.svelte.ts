import { type Page, type PageOf, readUpTo } from '../view/pages.ts'
import type { Topic } from '../view/topics.ts'
import { Query } from './query.svelte.ts'

/** How a list is read page by page. */
interface Reading<T> {
  /** run again whenever what it depends on changes */
  read: (page: PageOf, signal: AbortSignal) => Promise<Page<T>>
  /** what tells one line from another */
  idOf: (item: T) => unknown
  /** lines that are shown at first, and that come with each wish for more */
  size: number
  /** of which news it is worth to look again; by default of all */
  isWorth?: (topic: Topic) => boolean
}

/** A list as far as somebody has come in it. News are read that far, so nobody loses their place. */
export class Pages<T> {
  readonly query: Query<Page<T>>
  readonly #size: number
  #wanted: number
  #turn = $state(0)
  /** What the next reading goes on behind; null to read from the beginning. */
  #shown: Page<T> | null = null

  /** To be made while a component is. */
  constructor({ read, idOf, size, isWorth }: Reading<T>) {
    this.#size = size
    this.#wanted = size
    this.query = new Query((signal) => {
      void this.#turn
      const shown = this.#shown
      this.#shown = null
      return readUpTo(this.#wanted, (page) => read(page, signal), idOf, shown)
    }, isWorth)
  }

  /** More was wished for and is not there yet. A look for news meanwhile is no reason to refuse a wish. */
  get isGrowing(): boolean {
    const { data, isReading } = this.query
    return isReading && data !== null && data.items.length < this.#wanted
  }

  /** Shows one page more. */
  more(): void {
    const { data, isReading, problem } = this.query
    if (data === null || data.next === null) return
    // What is being read, or could not be, may have changed: then from the beginning.
    this.#shown = isReading || problem !== null ? null : data
    this.#wanted = data.items.length + this.#size
    this.#turn += 1
  }

  /** Another list is asked for: from its beginning. */
  restart(): void {
    this.#wanted = this.#size
    this.#shown = null
  }

  /** Reads what is shown once more. */
  again(): void {
    this.query.again()
  }
}
