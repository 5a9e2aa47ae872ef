import type { Clock } from '../../domain/clock.ts'
import { callsFree, finishAt, remainderOf } from '../../scheduler/backfill/estimate.ts'
import type { BackfillHooks, PlanState } from '../../scheduler/backfill/job.ts'
import type { Cli } from '../cli.ts'
import { oneLine, shorten } from '../table.ts'
import { untilText } from '../times.ts'

/** Shows how far a backfill is: a bar per account at a terminal, now and then a line elsewhere, nothing with `--json`. */
export interface Bars {
  of(account: { accountId: number; label: string }): BackfillHooks
  done(accountId: number): void
  /** Must be called before results are printed. */
  stop(): void
}

/** Width of an account's name before its bar, and of the bar. */
const LABEL = 16
const BAR = 12
/** Without a terminal a line every so often is enough, ms. */
const LINE_EVERY_MS = 60_000

/** @returns what `backfillAccount` tells its progress to */
export async function openBars(cli: Cli): Promise<Bars> {
  if (cli.out.json) return { of: () => ({}), done: () => {}, stop: () => {} }
  return cli.out.interactive ? bars(cli) : lines(cli)
}

function lines({ out, clock }: Cli): Bars {
  return {
    of({ label }) {
      let told = Number.NEGATIVE_INFINITY
      let waited = ''
      const isTime = () => clock.now() - told >= LINE_EVERY_MS
      const say = (text: string) => {
        told = clock.now()
        out.note(`${label}: ${text}`)
      }
      return {
        onPlan(state) {
          if (isTime()) say(stateText(state, clock.now()))
        },
        // One wait follows another while polls need the quota.
        onWait(wait) {
          if (wait.reason !== waited || isTime()) say(waitText(wait, clock))
          waited = wait.reason
        },
        onBusy: (holder) => out.note(`${label}: waits for the lane, held by ${holder}`),
      }
    },
    done: () => {},
    stop: () => {},
  }
}

async function bars({ out, clock }: Cli): Promise<Bars> {
  const { default: progress } = await import('cli-progress')
  const view = new progress.MultiBar({
    stream: process.stderr,
    format: '{label} {bar} {what}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: BAR,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    // Signals are main's: it lets the page under way finish.
    gracefulExit: false,
  })
  const open = new Map<number, ReturnType<typeof view.create>>()
  const room = () => Math.max(20, (process.stderr.columns ?? 80) - LABEL - BAR - 3)
  return {
    of({ accountId, label }) {
      const name = shorten(oneLine(label), LABEL).padEnd(LABEL)
      const bar = view.create(1, 0, { label: name, what: 'starting' })
      open.set(accountId, bar)
      let total = 0
      const say = (what: string) => bar.update({ label: name, what: shorten(what, room()) })
      return {
        onPlan(state) {
          const left = leftOf(state).calls
          // What a list shows of its size makes the whole larger, never the part that is done smaller.
          total = Math.max(total, left)
          bar.setTotal(Math.max(total, 1))
          bar.update(total - left)
          say(stateText(state, clock.now()))
        },
        onWait: (wait) => say(waitText(wait, clock)),
        onBusy: (holder) => say(`waits for the lane, held by ${holder}`),
      }
    },
    done(accountId) {
      const bar = open.get(accountId)
      bar?.update(bar.getTotal(), { what: 'done' })
    },
    stop() {
      view.stop()
      out.note('')
    },
  }
}

function leftOf({ lists, readsDetails }: PlanState) {
  const pageSize = Math.max(...lists.map((list) => list.pageSize ?? 0)) || 100
  return remainderOf(lists, { readsDetails, pageSize })
}

/** The most telling first: a narrow terminal cuts off the end. */
function stateText(state: PlanState, now: number): string {
  const { lists, window, limits } = state
  const read = lists.filter((list) => list.done).length
  const { calls, unknown } = leftOf(state)
  const end = finishAt(calls, window, limits)
  // The time alone: a narrow terminal has no room for its zone, and how long that is.
  const at = end === null ? null : untilText(now + end - window.now, now).split(' ')[0]
  const eta = at === null ? 'no call to spare' : `done ${unknown > 0 ? 'after' : 'at'} ${at}`
  const sizes = unknown > 0 ? `, ${unknown} of unknown size` : ''
  return `${read}/${lists.length} lists, ${callsFree(window, limits)} calls left, ${eta}${sizes}`
}

function waitText({ until, reason }: { until: number; reason: string }, clock: Clock): string {
  const why: Record<string, string> = {
    limit: 'quota spent',
    paused: 'the provider asked for a pause',
    polls: 'polls need the quota',
    database: 'the database is away',
  }
  const when = untilText(until, clock.now())
  return reason === 'database'
    ? `${why[reason]}; waits until ${when}`
    : `${why[reason] ?? reason}; goes on at ${when}`
}
