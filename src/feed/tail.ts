import { setImmediate as others } from 'node:timers/promises'
import { codeOf } from '../domain/errors.ts'
import type { FeedEntry } from '../store/overview/feed.ts'

/** Reads entries after a position, at most so many. */
export type ReadPage = (after: number, limit: number) => Promise<FeedEntry[]>

/** Entries that are read, and handed on, at a time. */
const PAGE = 500
/** Newest entries that are kept in memory for those who resume, of each list that somebody follows. */
const KEPT = 2_000
/** Listeners that are woken at a time: between two lots, whoever asks something is answered. */
const WOKEN_AT_ONCE = 50
/** Older pages that are kept: listeners that come back together resume from the same place. */
const OLD_PAGES = 8

/**
 * The end of one list's feed, as this process follows it: however many listen, every entry is read once. A listener
 * asks for what comes after the place where it is, so one that is slow holds no queue; it falls back to older pages,
 * which are shared by those who ask at about the same time.
 */
export class FeedTail {
  /** How many follow it. */
  followers = 0
  readonly #read: ReadPage
  #head: number
  #recent: FeedEntry[] = []
  readonly #old = new Map<number, Promise<FeedEntry[]>>()
  #isStale = false
  #reading: Promise<void> | null = null
  /** The feed is another one now, such as that of an older backup. */
  #broken: unknown = null
  /** Who waits for more. */
  #waiting = new Set<() => void>()

  /** @param head where the feed ends now */
  constructor(head: number, read: ReadPage) {
    this.#head = head
    this.#read = read
  }

  /** Where the oldest entry in memory stands; who is further behind reads for themselves. */
  get reach(): number {
    return this.#recent[0]?.position ?? this.#head + 1
  }

  /** There is, or may be, more. */
  async lookAgain(): Promise<void> {
    this.#isStale = true
    this.#reading ??= this.#readOn()
    await this.#reading
  }

  /** Entries after a position, at least one: waits for it. Rejects when the signal is aborted. */
  async next(after: number, signal: AbortSignal): Promise<FeedEntry[]> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#broken !== null) throw this.#broken
      if (after < this.reach - 1 && after < this.#head) return this.#oldPage(after)
      const entries = this.#recent.slice(after - this.reach + 1, after - this.reach + 1 + PAGE)
      if (after < this.#head && entries.length > 0) return entries
      await this.#woken(signal)
    }
  }

  async #readOn(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false
        for (let isMore = true; isMore; ) {
          const page = await this.#read(this.#head, PAGE)
          isMore = page.length === PAGE
          this.#append(page)
        }
      }
    } catch (error) {
      if (codeOf(error) !== 'CHANGES_GONE') throw error
      this.#broken = error
      void this.#wake()
    } finally {
      // In this same moment: who asks from now on begins anew.
      this.#reading = null
    }
  }

  #append(page: readonly FeedEntry[]): void {
    const last = page.at(-1)
    if (last === undefined) return
    this.#recent.push(...page)
    if (this.#recent.length > KEPT) this.#recent.splice(0, this.#recent.length - KEPT)
    this.#head = last.position
    void this.#wake()
  }

  #oldPage(after: number): Promise<FeedEntry[]> {
    const known = this.#old.get(after)
    if (known !== undefined) return known
    const page = this.#read(after, PAGE)
    this.#old.set(after, page)
    page.catch(() => this.#old.delete(after))
    for (const oldest of this.#old.keys()) {
      if (this.#old.size <= OLD_PAGES) break
      this.#old.delete(oldest)
    }
    return page
  }

  /** Wakes those who wait now; thousands at once would keep the process from everything else. */
  async #wake(): Promise<void> {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (let from = 0; from < waiting.length; from += WOKEN_AT_ONCE) {
      if (from > 0) await others()
      for (const resolve of waiting.slice(from, from + WOKEN_AT_ONCE)) resolve()
    }
  }

  async #woken(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiting.add(resolve)
    try {
      await promise
    } finally {
      this.#waiting.delete(resolve)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
