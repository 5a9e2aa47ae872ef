import { lengthText } from '../lengths.ts'
import type { Scenario } from '../scenario.ts'
import type { AccountFigures, Figures } from './figures.ts'

/** One thing that a scenario promises, and what was found. */
export interface Check {
  what: string
  promised: string
  found: string
  ok: boolean
}

const MINUTE = 60_000

/** Holds the figures against what always holds, and against the scenario's own `expect`. */
export function judge({ expect, spacing, quota }: Scenario, figures: Figures): Check[] {
  const { accounts, staleness, batches, backfill, ledger } = figures
  const checks: Check[] = []
  const atMost = (what: string, most: number | undefined, found: number, text: (value: number) => string) => {
    if (most !== undefined)
      checks.push({ what, promised: `at most ${text(most)}`, found: text(found), ok: found <= most })
  }
  const atLeast = (what: string, least: number | undefined, found: number) => {
    if (least !== undefined)
      checks.push({ what, promised: `at least ${percent(least)}`, found: percent(found), ok: found >= least })
  }
  const hour = most(accounts, ({ mostInHour }) => mostInHour)
  const sum = (of: (account: AccountFigures) => number) => accounts.reduce((total, one) => total + of(one), 0)
  atMost('calls of an account in any 60 minutes', quota, hour, String)
  if (spacing > 0) {
    const burst = Math.ceil(MINUTE / spacing) + 1
    atMost(
      'calls of an account in any minute',
      burst,
      most(accounts, ({ mostInMinute }) => mostInMinute),
      String,
    )
  }
  const counted = ledger.reduce((total, { count }) => total + count, 0)
  checks.push({
    what: 'calls by the ledger',
    promised: `at least those of the provider's log, ${sum(({ calls }) => calls)}`,
    found: String(counted),
    ok: counted >= sum(({ calls }) => calls),
  })
  atMost(
    'changes that were never stored',
    expect.unseen,
    staleness.reduce((total, { missed }) => total + missed, 0),
    String,
  )
  const [dense] = staleness
  atMost('p99 of staleness', expect.p99, dense?.p99 ?? 0, lengthText)
  atMost('longest staleness', expect.max, dense?.max ?? 0, lengthText)
  atMost(
    'late polls',
    expect.late,
    sum(({ late }) => late.length),
    String,
  )
  atMost(
    'calls of an hour in its first 20 minutes',
    expect.paced,
    most(accounts, (one) => one.busiestStart),
    percent,
  )
  atMost(
    'difference between events that are polled alike',
    expect.alikeWithin,
    most(accounts, (one) => one.spread),
    percent,
  )
  const off = accounts.flatMap(({ foreseen }) => foreseen.map((one) => one.off))
  if (expect.forecastWithin !== undefined && off.length === 0)
    checks.push({ what: 'lateness foreseen', promised: 'some', found: 'none', ok: false })
  else atMost('lateness off the one foreseen', expect.forecastWithin, Math.max(...off), percent)
  atLeast(
    'share of the calls left that a backfill used',
    expect.backfillShare,
    (backfill?.used ?? 0) / (backfill?.left || 1),
  )
  for (const { event, count, stored, tookMs, leastMs } of batches) {
    atMost(`bibs of ${event} that were not stored`, 0, count - stored, String)
    const longest = expect.bibsWithin === undefined ? undefined : leastMs * (1 + expect.bibsWithin)
    atMost(`until all bibs of ${event} were stored`, longest, tookMs, lengthText)
  }
  return checks
}

function most(accounts: readonly AccountFigures[], of: (account: AccountFigures) => number): number {
  return accounts.reduce((found, account) => Math.max(found, of(account)), Number.NEGATIVE_INFINITY)
}

const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`
