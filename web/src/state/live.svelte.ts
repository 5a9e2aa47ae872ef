import { EVERYTHING, type Topic } from '../view/topics.ts'
import { clock } from './clock.svelte.ts'

type Listener = (topics: ReadonlySet<Topic>) => void

const RETRY_MS = 3_000
/** News come in bursts when a page is stored: one look afterwards is enough. */
const CALM_MS = 700

/**
 * The line to the server: what it says has news is read again by whoever shows it. While the line is gone the page
 * goes on showing what it has, and says how old that is.
 */
class Live {
  /** When the server was last heard, by its clock; null before the first answer. */
  heardAt = $state<number | null>(null)
  state = $state<'off' | 'opening' | 'open' | 'lost'>('off')
  /** Since when the line is gone, by the server's clock. */
  lostAt = $state<number | null>(null)
  #source: EventSource | null = null
  #retry: ReturnType<typeof setTimeout> | undefined
  #calm: ReturnType<typeof setTimeout> | undefined
  readonly #news = new Set<Topic>()
  readonly #listeners = new Set<Listener>()

  constructor() {
    addEventListener('offline', () => this.lost())
    addEventListener('online', () => this.#open())
  }

  start(): void {
    if (this.state === 'off') this.#open()
  }

  stop(): void {
    this.#source?.close()
    clearTimeout(this.#retry)
    this.state = 'off'
    this.lostAt = null
  }

  /** @returns takes the listener away */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** An answer came, by whatever way. */
  heard(): void {
    this.heardAt = clock.now
    if (this.#source?.readyState === EventSource.OPEN) this.#isOpen()
  }

  /** A request found nobody. */
  lost(): void {
    if (this.state === 'off') return
    this.state = 'lost'
    this.lostAt ??= clock.now
  }

  #open(): void {
    this.#source?.close()
    clearTimeout(this.#retry)
    if (this.state !== 'lost') this.state = 'opening'
    const source = new EventSource('/v1/stream')
    this.#source = source
    source.onopen = () => {
      this.#isOpen()
      this.heard()
    }
    source.addEventListener('list', (news) => this.#take(`list ${told(news).list}`))
    source.addEventListener('account', (news) => this.#take(`account ${told(news).account}`))
    // The first of a connection, and whenever something may have been missed.
    source.addEventListener('all', () => this.#take(EVERYTHING))
    source.onerror = () => {
      this.lost()
      // After a refusal the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.#open(), RETRY_MS)
    }
  }

  #isOpen(): void {
    this.state = 'open'
    this.lostAt = null
  }

  #take(topic: Topic): void {
    this.heard()
    this.#news.add(topic)
    this.#calm ??= setTimeout(() => {
      this.#calm = undefined
      const news = new Set(this.#news)
      this.#news.clear()
      for (const listener of this.#listeners) listener(news)
    }, CALM_MS)
  }
}

const told = ({ data }: MessageEvent<string>) => JSON.parse(data) as { list?: string; account?: number }

export const live = new Live()
