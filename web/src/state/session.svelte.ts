import { live } from './live.svelte.ts'

/** Who is signed in. */
export interface Who {
  /** the token's name, as `startlist tokens create --name` gave it */
  name: string
  isAdmin: boolean
  partnerId: number | null
}

class Session {
  /** undefined until it is known */
  who = $state<Who | null | undefined>(undefined)

  enter(who: Who): void {
    this.who = who
    live.start()
  }

  leave(): void {
    this.who = null
    live.stop()
  }
}

export const session = new Session()
