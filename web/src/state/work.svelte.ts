import { Problem } from '../api/problem.ts'

/** What a person starts in one place: whether it is under way, and what went wrong with it last. */
export class Work {
  problem = $state.raw<Problem | null>(null)
  #underWay = $state(0)

  get isBusy(): boolean {
    return this.#underWay > 0
  }

  /** Does it, and keeps what it throws. */
  async do(work: () => Promise<void>): Promise<void> {
    this.#underWay += 1
    this.problem = null
    try {
      await work()
    } catch (error) {
      this.problem = Problem.of(error)
    } finally {
      this.#underWay -= 1
    }
  }
}
