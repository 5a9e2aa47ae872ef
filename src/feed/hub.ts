import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { CHANGES_CHANNEL, type PartnerEvent } from '../store/changes.ts'
import type { Db } from '../store/database.ts'
import { listenTo } from '../store/listen.ts'
import { assertKept, type FeedEntry, feedSpan, readFeed } from '../store/overview/feed.ts'
import { PASSES_CHANNEL } from '../store/sync-state.ts'
import { FeedTail } from './tail.ts'
import { TopicBox, type Topics } from './topics.ts'

export interface HubOptions {
  db: Db
  /** Of the database, for the one connection that listens. */
  url: string
  clock: Clock
  onProblem(error: unknown): void
}

/** How a listener wants to follow a feed. */
export interface Following {
  signal: AbortSignal
  /** One that was up to date and fell behind what is in memory is ended instead of read for. */
  endSlow?: boolean
}

/** Feeds that are followed are looked at this often whatever was notified: a pooler may swallow notifications. */
const LOOK_MS = 30_000
const AGAIN_MS = 1_000

/** A list of one timing partner as a text: `haku:3:5f3a91c2`. */
const keyOf = ({ provider, partnerId, eventId }: PartnerEvent): string =>
  `${provider}:${partnerId}:${eventId}`

/** Hands what the database notifies to all who listen in this process, over one connection. */
export class FeedHub {
  readonly #options: HubOptions
  readonly #ending = new AbortController()
  readonly #tails = new Map<string, FeedTail>()
  readonly #boxes = new Set<TopicBox>()
  #working: Promise<unknown> | null = null
  #isListening = false
  #heard = 0

  constructor(options: HubOptions) {
    this.#options = options
  }

  /** Begins to listen. */
  start(): void {
    const { url, clock, onProblem } = this.#options
    const { signal } = this.#ending
    const listening = listenTo({ url, clock, signal }, [CHANGES_CHANNEL, PASSES_CHANNEL], {
      onNotification: (channel, payload) => this.#notified(channel, payload),
      onListening: () => {
        this.#isListening = true
        this.#missed()
      },
      onProblem: (error) => {
        this.#isListening = false
        onProblem(error)
      },
    })
    this.#working = Promise.all([listening, this.#keepLooking()])
  }

  /** Whether the database can notify now; else what changes comes when it can again. */
  get listening(): boolean {
    return this.#isListening
  }

  /** Grows whenever something changed, or may have: what was read before is old. */
  get heard(): number {
    return this.#heard
  }

  /** How many follow a list's feed. */
  followers(at: PartnerEvent): number {
    return this.#tails.get(keyOf(at))?.followers ?? 0
  }

  /** Ends everything: who follows is told by an abort. */
  async stop(): Promise<void> {
    this.#ending.abort(new StartlistError('INTERRUPTED', 'startlist stops'))
    await this.#working
  }

  /**
   * The entries of a list's feed after a position, in order and without a gap, for ever: until the signal is aborted or
   * the hub stops, with the reason of that.
   * @throws StartlistError CHANGES_GONE when entries after the position were purged; LAGGING for a slow listener
   */
  async *follow(
    at: PartnerEvent,
    after: number,
    { signal, endSlow }: Following,
  ): AsyncGenerator<FeedEntry[]> {
    const either = AbortSignal.any([signal, this.#ending.signal])
    const tail = await this.#join(at, after)
    try {
      let isLive = false
      for (let position = after; ; ) {
        if (endSlow && isLive && position < tail.reach - 1)
          throw new StartlistError('LAGGING', 'this reader is too slow for what changes')
        isLive ||= position >= tail.reach - 1
        const entries = await tail.next(position, either)
        yield entries
        position = entries.at(-1)!.position
      }
    } finally {
      tail.followers--
      if (tail.followers === 0) this.#tails.delete(keyOf(at))
    }
  }

  /** What changed, list by list and account by account, until the signal is aborted or the hub stops. */
  async *watch(signal: AbortSignal): AsyncGenerator<Topics> {
    const either = AbortSignal.any([signal, this.#ending.signal])
    const box = new TopicBox()
    this.#boxes.add(box)
    try {
      for (;;) yield await box.take(either)
    } finally {
      this.#boxes.delete(box)
    }
  }

  async #join(at: PartnerEvent, after: number): Promise<FeedTail> {
    const { db } = this.#options
    const span = await feedSpan(db, at)
    assertKept(span, after)
    const key = keyOf(at)
    let tail = this.#tails.get(key)
    if (tail === undefined) {
      tail = new FeedTail(span.last, (from, limit) => readFeed(db, at, from, limit))
      this.#tails.set(key, tail)
    }
    tail.followers++
    // What came between the look at the feed and now was notified to nobody.
    this.#look(tail)
    return tail
  }

  #notified(channel: string, payload: string): void {
    this.#heard++
    if (channel === PASSES_CHANNEL) {
      const [, accountId] = /^(\d+):/.exec(payload) ?? []
      if (accountId !== undefined) for (const box of this.#boxes) box.account(Number(accountId))
      return
    }
    const [, key, position] = /^(.+):(\d+)$/.exec(payload) ?? []
    if (key === undefined) return
    for (const box of this.#boxes) box.list(key, Number(position))
    const tail = this.#tails.get(key)
    if (tail !== undefined) this.#look(tail)
  }

  #missed(): void {
    this.#heard++
    for (const box of this.#boxes) box.everything()
    for (const tail of this.#tails.values()) this.#look(tail)
  }

  /** Until it worked: nobody may notify again. */
  #look(tail: FeedTail): void {
    tail.lookAgain().catch(async (error: unknown) => {
      if (this.#ending.signal.aborted || tail.followers === 0) return
      this.#options.onProblem(error)
      await this.#options.clock.sleep(AGAIN_MS, this.#ending.signal).catch(() => {})
      if (!this.#ending.signal.aborted) this.#look(tail)
    })
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.#options.clock.sleep(LOOK_MS, signal).catch(() => {})
      if (!signal.aborted) for (const tail of this.#tails.values()) this.#look(tail)
    }
  }
}
