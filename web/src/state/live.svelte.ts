import { clock } from './clock.svelte.ts'

/** What of startlist has news: a kind alone, or of one thing, as `event haku:3:5f3a91c2`. */
type Listener = (topics: ReadonlySet<string>) => void

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
  readonly #news = new Set<string>()
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
      const wasLost = this.state === 'lost'
      this.#isOpen()
      this.heard()
      // Whatever happened meanwhile was not told.
      if (wasLost) this.#tell('*')
    }
    source.onmessage = (message) => this.#take(message)
    for (const name of ['event', 'account', 'news']) source.addEventListener(name, (m) => this.#take(m))
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

  #take(message: MessageEvent<string>): void {
    this.heard()
    this.#tell(...topicsOf(message.data))
  }

  #tell(...topics: string[]): void {
    for (const topic of topics) this.#news.add(topic)
    this.#calm ??= setTimeout(() => {
      this.#calm = undefined
      const news = new Set(this.#news)
      this.#news.clear()
      for (const listener of this.#listeners) listener(news)
    }, CALM_MS)
  }
}

function topicsOf(data: string): string[] {
  try {
    const { event, accountId } = JSON.parse(data) as { event?: string; accountId?: number }
    const topics = [event === undefined ? null : `event ${event}`, accountId && `account ${accountId}`]
    return topics.filter((topic) => typeof topic === 'string')
  } catch {
    return ['*']
  }
}

export const live = new Live()
