import type { Clock } from '../domain/clock.ts'
import type { AccountUse } from '../sync/open-account.ts'
import type { Cli } from './cli.ts'
import { oneLine, shorten } from './table.ts'
import { untilText } from './times.ts'

type Hooks = Required<Pick<AccountUse, 'progress' | 'onWait' | 'onBusy'>>
type Step = Parameters<Hooks['progress']>[0]

/** Shows a person how far accounts are: bars at a terminal, a line per finished list elsewhere, nothing with `--json`. */
export interface ProgressView {
  /** What to hand to the engine for one account. */
  of(account: { accountId: number; label: string }): Hooks
  /** The account is done: its last line is due. */
  done(accountId: number): void
  /** Must be called before results are printed. */
  stop(): void
}

/** @param names event id to name, for people */
export async function openProgress(cli: Cli, names: ReadonlyMap<string, string>): Promise<ProgressView> {
  if (cli.out.json) return silent
  return cli.out.interactive ? bars(cli, names) : lines(cli, names)
}

const silent: ProgressView = {
  of: () => ({ progress: () => {}, onWait: () => {}, onBusy: () => {} }),
  done: () => {},
  stop: () => {},
}

function lines({ out, clock }: Cli, names: ReadonlyMap<string, string>): ProgressView {
  const last = new Map<number, Step>()
  const finish = (accountId: number) => {
    const step = last.get(accountId)
    if (step !== undefined) out.note(`${nameOf(step, names)}: ${countOf(step)}, ${step.calls} calls so far`)
    last.delete(accountId)
  }
  return {
    of: ({ accountId, label }) => ({
      progress: (step) => {
        const before = last.get(accountId)
        if (before && (before.eventId !== step.eventId || before.kind !== step.kind)) finish(accountId)
        last.set(accountId, step)
      },
      onWait: (wait) => out.note(waitText(label, wait, clock)),
      onBusy: (holder) => out.note(`${label}: ${busyText(holder)}`),
    }),
    done: finish,
    stop: () => {},
  }
}

async function bars({ out, clock }: Cli, names: ReadonlyMap<string, string>): Promise<ProgressView> {
  const { default: progress } = await import('cli-progress')
  const view = new progress.MultiBar({
    stream: process.stderr,
    format: '{label} {bar} {what}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 16,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    // Signals are main's: it lets the page under way finish.
    gracefulExit: false,
    autopadding: true,
  })
  const open = new Map<number, ReturnType<typeof view.create>>()
  const room = () => Math.max(20, (process.stderr.columns ?? 80) - LABEL - 20)
  return {
    of: ({ accountId, label }) => {
      const shown = { label: shorten(oneLine(label), LABEL).padEnd(LABEL), what: 'starting' }
      const bar = view.create(1, 0, shown)
      open.set(accountId, bar)
      return {
        progress: (step) => {
          bar.setTotal(step.total ?? 1)
          const what = `${countOf(step)}, ${step.calls} calls, ${nameOf(step, names)}`
          bar.update(step.total === null ? 0 : Math.min(step.done, step.total), {
            ...shown,
            what: shorten(what, room()),
          })
        },
        onWait: (wait) => bar.update({ ...shown, what: shorten(waitText('waits', wait, clock), room()) }),
        onBusy: (holder) => bar.update({ ...shown, what: shorten(busyText(holder), room()) }),
      }
    },
    done: (accountId) => {
      const bar = open.get(accountId)
      if (bar) {
        bar.setTotal(1)
        bar.update(1)
      }
    },
    stop: () => {
      view.stop()
      out.note('')
    },
  }
}

/** Width of an account's name before its bar. */
const LABEL = 22

const nameOf = (step: Step, names: ReadonlyMap<string, string>) =>
  oneLine(names.get(step.eventId) ?? step.eventId)

const busyText = (holder: string) => `waits for the account's lane, held by ${holder}`

function countOf({ kind, done, total }: Step): string {
  return kind === 'list' ? `${done} listed` : `${done} of ${total ?? done} details`
}

function waitText(label: string, wait: { until: number; reason: string }, clock: Clock): string {
  const why = wait.reason === 'paused' ? 'the provider asked for a pause' : 'the hourly quota is spent'
  return `${label}: ${why}; goes on at ${untilText(wait.until, clock.now())}`
}
