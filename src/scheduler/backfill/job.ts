import type { StartlistError } from '../../domain/errors.ts'
import type { OnCall } from '../../quota/ledger.ts'
import type { Limits, WindowFacts } from '../../quota/window.ts'
import type { Progress } from '../../sync/context.ts'
import type { KnownList } from './backlog.ts'
import type { CallBudget } from './budget.ts'
import { Tally } from './tally.ts'

/** What a backfill tells a person while it goes on. */
export interface BackfillHooks {
  /** Before each call: what is left, and the account's hour. */
  onPlan?: (state: PlanState) => void
  /** A page or a detail was read. */
  onProgress?: Progress
  onWait?: (wait: { until: number; reason: string }) => void
  onBusy?: (holder: string) => void
}

/** Where an account stands. */
export interface PlanState {
  /** what it reads, deferred ones left out */
  lists: readonly KnownList[]
  window: WindowFacts
  limits: Limits
  readsDetails: boolean
}

/** What a person wants read. */
export interface BackfillRequest {
  accountId: number
  /** Only lists that this timing partner receives. */
  partnerId?: number | undefined
  /** A list that shows more registrations is large. */
  largeEvent: number
  processLarge: boolean
  /** Wait for quota, pauses and a busy lane. */
  wait: boolean
  /** How long a database that went away is waited for, ms. */
  databaseWaitMs: number
  budget: CallBudget
  hooks: BackfillHooks
  signal: AbortSignal
}

/** One account's backfill under way. What has to outlive the process is in the database. */
export interface Job extends BackfillRequest {
  tally: Tally
  /** as they were read last */
  lists: KnownList[]
  /** what was learnt of the account: registrations take a call each (F1) */
  readsDetails: boolean
  hasDiscovered: boolean
  /** not chosen again in this run: failed, held, or brought nothing forward */
  except: Set<string>
  held: Set<string>
  /** why a list, or with null the discovery, is not done */
  problems: Map<string | null, StartlistError>
  failuresInARow: number
  called: OnCall
  progressed: Progress
}

export function openJob(request: BackfillRequest): Job {
  const tally = new Tally()
  return {
    ...request,
    tally,
    lists: [],
    readsDetails: false,
    hasDiscovered: false,
    except: new Set(),
    held: new Set(),
    problems: new Map(),
    failuresInARow: 0,
    called: (call) => {
      tally.called(call)
      request.budget.spend(request.accountId)
    },
    progressed: (step) => {
      tally.progressed(step)
      request.hooks.onProgress?.(step)
    },
  }
}
