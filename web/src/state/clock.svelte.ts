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

  /** @param at the server's time when its answer left, ms */
  serverSays(at: number): void {
    this.#ahead = at - Date.now()
    this.#tick()
  }

  #tick(): void {
    this.now = Date.now() + this.#ahead
  }
}

export const clock = new Clock()
