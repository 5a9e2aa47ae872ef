/** What a person is told in passing, seen and heard: one sentence at a time. */
class Announcer {
  message = $state('')
  #timer: ReturnType<typeof setTimeout> | undefined

  say(message: string): void {
    clearTimeout(this.#timer)
    this.message = message
    this.#timer = setTimeout(() => {
      this.message = ''
    }, 8_000)
  }
}

export const announcer = new Announcer()
