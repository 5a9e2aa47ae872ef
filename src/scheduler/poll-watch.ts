import { isLate } from '../quota/lateness.ts'
import type { OnCall } from '../quota/ledger.ts'
import type { PollStep } from '../quota/planner.ts'

/** Watches when the polls of a turn begin: judged at the instant of their list call, as the ledger has it (P4). */
export class PollWatch {
  /** Intervals, in ms, of the polls that began late. */
  readonly late: number[] = []
  readonly #awaited = new Map<string, { step: PollStep; spacingMs: number }>()

  /** A poll is chosen; its list call follows. */
  chosen(step: PollStep, spacingMs: number): void {
    this.#awaited.set(step.eventId, { step, spacingMs })
  }

  /** A call begins. The first list call of a chosen poll is its start. */
  readonly called: OnCall = ({ purpose, eventId, at }) => {
    const poll = purpose === 'list' && eventId !== null ? this.#awaited.get(eventId) : undefined
    if (poll === undefined) return
    this.#awaited.delete(poll.step.eventId)
    if (isLate({ ...poll.step, startedAt: at }, poll.spacingMs)) this.late.push(poll.step.every)
  }
}
