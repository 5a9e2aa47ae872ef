import type { Db } from '../../store/database.ts'
import type { Call } from './context.ts'

/** Counting every registration for each of many lookers would be the same counting again. */
const KEPT_MS = 2_000
/** News make an answer old, but no sooner: while pages are stored they come in bursts. Less than a dashboard waits. */
const CALM_MS = 500

interface Kept<T> {
  /** ms since the epoch */
  at: number
  /** What the hub had heard by then. */
  heard: number
  answer: Promise<T>
}

/**
 * Answers that are dear to make, shared by all who may see the same and ask within a moment: at most two seconds old, and
 * half a second once something has changed.
 */
export class Shared<T> {
  /** By database: another one, in another test, is another world. Oldest first. */
  readonly #answers = new WeakMap<Db, Map<string, Kept<T>>>()

  /**
   * One that was begun not longer ago than it may be old, under way or not; else a new one.
   * @param name of what is asked for; a timing partner is given none that was made for another
   */
  get({ caller, services }: Call, name: string, make: () => Promise<T>): Promise<T> {
    const { db, clock, hub } = services
    const answers = this.#answers.get(db) ?? new Map<string, Kept<T>>()
    this.#answers.set(db, answers)
    const now = clock.now()
    const isGood = ({ at, heard }: Kept<T>) =>
      now >= at && now - at < (heard === hub.heard ? KEPT_MS : CALM_MS)
    const key = `${caller.partnerId} ${name}`
    const known = answers.get(key)
    if (known !== undefined && isGood(known)) return known.answer

    for (const [old, kept] of answers) {
      if (isGood(kept)) break
      answers.delete(old)
    }
    const made = { at: now, heard: hub.heard, answer: make() }
    answers.delete(key)
    answers.set(key, made)
    // A failure is nobody else's.
    made.answer.catch(() => {
      if (answers.get(key) === made) answers.delete(key)
    })
    return made.answer
  }
}
