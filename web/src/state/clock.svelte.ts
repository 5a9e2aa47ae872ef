const SAME_MS = 2_000

/** The time, ticking, by the server's clock: a phone may be minutes wrong, and an age must not be. */
class Clock {
  /** ms since the epoch, once a second */
  now = $state(Date.now())
  #ahead = 0

  constructor() {
    setInterval(() => this.#tick(), 1_000)
    // A page in the background is not woken every second: it is right at once when it is looked at again.
    document.addEventListener('visibilitychange', () => this.#tick())
  }

  /** @param at the server's time when its answer left, ms, cut to whole seconds; NaN when it did not say */
  serverSays(at: number): void {
    const ahead = at + 500 - Date.now()
    // Within its own grain and the way here, two clocks are the same.
    if (Number.isNaN(ahead) || Math.abs(ahead - this.#ahead) < SAME_MS) return
    this.#ahead = Math.abs(ahead) < SAME_MS ? 0 : ahead
    this.#tick()
  }

  #tick(): void {
    this.now = Date.now() + this.#ahead
  }
}

export const clock = new Clock()
