import { StartlistError } from '../domain/errors.ts'

/** Calls that a piece of work may make in all, whatever it is made of: tokens, retries and refused ones count. */
export interface CallBudget {
  readonly spent: number
  readonly left: number
  /** Asked before every attempt. @throws StartlistError `CALLS_SPENT` */
  admit(): void
  /** An attempt has its row in the ledger. */
  note(): void
}

/** @param most calls */
export function callBudget(most: number): CallBudget {
  let spent = 0
  return {
    get spent() {
      return spent
    },
    get left() {
      return most - spent
    },
    admit() {
      if (spent >= most) throw new StartlistError('CALLS_SPENT', `its ${most} calls are made`)
    },
    note() {
      spent++
    },
  }
}
