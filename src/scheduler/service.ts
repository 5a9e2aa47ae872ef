import { codeOf, StartlistError } from '../domain/errors.ts'
import { markAllStale } from '../store/plans/marks.ts'
import type { Services } from '../sync/open-account.ts'
import { type Reconciling, reconcile } from './reconcile.ts'
import type { TurnOutcome } from './turn.ts'
import { openTurnQueue } from './turn-queue.ts'
import { listenForWakes } from './wake.ts'

/** Who is told what a service does. */
export interface ServiceReport {
  /** The service takes turns from now on. */
  ready(): Promise<void>
  turn(outcome: TurnOutcome): void
  /** A turn that ended by a defect of ours; it is tried again. */
  brokenTurn(accountId: number, error: unknown): void
  /** What goes wrong between turns: the same code at most once in {@link QUIET_MS}. */
  problem(error: unknown): void
}

export interface ServiceOptions {
  /** Of the database of `services`. */
  url: string
  /** Turns at a time. */
  concurrency: number
  /** Only accounts of this timing partner. */
  partnerId?: number
  /** Aborted: pages under way finish, nothing else starts. */
  signal: AbortSignal
  report: ServiceReport
  takeTurn: (services: Services, accountId: number, options: { signal: AbortSignal }) => Promise<TurnOutcome>
}

/** How often accounts without a turn are looked for (N2). */
const RECONCILE_MS = 30_000
/** A turn that broke is tried again after this. */
const RETRY_MS = 30_000
const QUIET_MS = 30_000

/**
 * Takes turns of all accounts, or of one timing partner's, until the signal is aborted; returns when the last is
 * completed and its next is written (N1, N2). Any number of processes can do this on one database.
 *
 * @throws StartlistError DATABASE_UNREACHABLE or DATABASE when it cannot begin; later it waits for the database
 */
export async function serve(services: Services, options: ServiceOptions): Promise<void> {
  const { db, clock } = services
  const { signal, report } = options
  const only = options.partnerId === undefined ? {} : { partnerId: options.partnerId }
  const onProblem = quietly(report, () => clock.now())
  // Another release may plan otherwise.
  await markAllStale(db)
  const queue = await openTurnQueue({ db, url: options.url, onProblem, ...only })
  const reconciling: Reconciling = { db, clock, queue, ...only }
  const lookAround = async () => {
    try {
      await reconcile(reconciling)
    } catch (error) {
      if (!signal.aborted) onProblem(error)
    }
  }
  try {
    // Waiting turns are taken from here on; the first look around makes those that are missing.
    await queue.work(options.concurrency, async (accountId, turnSignal) => {
      try {
        const outcome = await options.takeTurn(services, accountId, { signal: turnSignal })
        report.turn(outcome)
        return outcome.next
      } catch (error) {
        report.brokenTurn(accountId, error)
        return clock.now() + RETRY_MS
      }
    })
    await listenForWakes({ ...reconciling, onMissed: () => void lookAround(), onProblem, signal }).catch(
      // A pooler in between may not let us listen; looking around every 30 s is enough then.
      onProblem,
    )
    await report.ready()
    while (!signal.aborted) {
      await lookAround()
      await clock.sleep(RECONCILE_MS, signal).catch(() => {})
    }
  } finally {
    await queue.stop()
  }
}

/** While the database is away, each of many tries fails: one line tells as much as a thousand. */
function quietly({ problem }: ServiceReport, now: () => number): (error: unknown) => void {
  const told = new Map<string, number>()
  return (error) => {
    const code = error instanceof StartlistError ? codeOf(error) : String(error)
    const last = told.get(code)
    if (last !== undefined && now() - last < QUIET_MS) return
    told.set(code, now())
    problem(error)
  }
}
