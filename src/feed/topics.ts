/** Something changed: of a list, of an account, or perhaps of everything, because notifications were missed. */
export interface Topics {
  /** `provider:partner:list` -> newest position */
  lists: Map<string, number>
  /** Accounts of which a pass over a list ended. */
  accounts: Set<number>
  all: boolean
}

/** More than this in one breath is everything: nobody looks at so many one by one. */
const MOST = 500

const none = (): Topics => ({ lists: new Map(), accounts: new Set(), all: false })

/** What one watcher has not been told yet. It is a set, not a queue: a slow watcher is told the newest, once. */
export class TopicBox {
  #topics = none()
  #filled = Promise.withResolvers<void>()

  list(key: string, position: number): void {
    if (this.#topics.all) return
    this.#topics.lists.set(key, position)
    this.#fill()
  }

  account(accountId: number): void {
    if (this.#topics.all) return
    this.#topics.accounts.add(accountId)
    this.#fill()
  }

  everything(): void {
    this.#topics = { ...none(), all: true }
    this.#filled.resolve()
  }

  /** Waits until there is something, and takes it. Rejects when the signal is aborted. */
  async take(signal: AbortSignal): Promise<Topics> {
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#filled.promise, promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    const topics = this.#topics
    this.#topics = none()
    this.#filled = Promise.withResolvers()
    return topics
  }

  #fill(): void {
    if (this.#topics.lists.size + this.#topics.accounts.size > MOST) this.everything()
    else this.#filled.resolve()
  }
}
