import { busiest, type Figures, MOST_ACCOUNTS } from '../../simulate/judge/figures.ts'
import { leftoverSentences } from '../../simulate/judge/sentences.ts'
import type { Check } from '../../simulate/judge/verdict.ts'
import { lengthText } from '../../simulate/lengths.ts'
import { replacedIn } from '../../simulate/replaced.ts'
import type { Scenario } from '../../simulate/scenario.ts'
import type { Output } from '../output.ts'
import type { Cell } from '../table.ts'

/** Tells a person what a scenario showed. */
export function tellSimulation(
  out: Output,
  scenario: Scenario,
  figures: Figures,
  checks: readonly Check[],
): void {
  out.line(`${scenario.name}: ${scenario.about}`)
  out.line()
  tellStaleness(out, figures)
  tellAccounts(out, figures)
  tellLedger(out, figures)
  for (const sentence of leftoverSentences(figures)) out.line(sentence)
  out.line()
  out.table(
    [{ head: '' }, { head: 'Judged', shrink: true }, { head: 'Promised', shrink: true }, { head: 'Found' }],
    checks.map(({ what, promised, found, ok }) => [verdictCell(ok), what, promised, found]),
  )
  out.line()
  out.line('Replaced in a simulation:')
  for (const line of replacedIn(scenario)) out.line(`  ${line}`)
}

function tellStaleness(out: Output, { staleness }: Figures): void {
  out.line('From a change at the provider to the committed row:')
  out.table(
    [
      { head: 'Polled every' },
      ...['Changes', 'p50', 'p95', 'p99', 'Max', 'Never'].map((head) => ({ head, align: 'right' as const })),
    ],
    staleness.map(({ every, changes, p50, p95, p99, max, missed }) => [
      lengthText(every),
      String(changes),
      ...[p50, p95, p99, max].map(lengthText),
      String(missed),
    ]),
  )
  out.line()
}

function tellAccounts(out: Output, { accounts }: Figures): void {
  out.line("By the provider's own log:")
  const right = (head: string) => ({ head, align: 'right' as const })
  out.table(
    [
      { head: 'Account', shrink: true },
      ...['Calls', 'Lists', 'Details', 'Most in 60 min', 'Polls', 'Late', 'Excused', 'Latest by'].map(right),
    ],
    busiest(accounts).map((account) => [
      account.name,
      ...[account.calls, account.byEndpoint.participants ?? 0, account.byEndpoint.detail ?? 0].map(String),
      ...[account.mostInHour, account.polls, account.late.length, account.excused].map(String),
      lengthText(account.latestMs),
    ]),
  )
  if (accounts.length > MOST_ACCOUNTS)
    out.line(`The ${MOST_ACCOUNTS} of ${accounts.length} accounts with most calls; --json tells of all.`)
  out.line()
  const foreseen = accounts.flatMap((account) => account.foreseen)
  if (foreseen.length === 0) return
  out.line('Foreseen at the start as late, and what came of it:')
  out.table(
    [{ head: 'Event', shrink: true }, ...['Every', 'Foreseen', 'Real', 'Off by'].map(right)],
    foreseen.map(({ name, every, foreseenEvery, realEvery, off }) => [
      name,
      ...[every, foreseenEvery, realEvery].map(lengthText),
      `${Math.round(off * 1_000) / 10} %`,
    ]),
  )
  out.line()
}

function tellLedger(out: Output, { ledger }: Figures): void {
  out.line("Calls by startlist's ledger:")
  out.table(
    [{ head: 'Class' }, { head: 'For' }, { head: 'Calls', align: 'right' }],
    ledger.map((calls) => [calls.class, calls.purpose, String(calls.count)]),
  )
  out.line()
}

const verdictCell = (ok: boolean): Cell =>
  ok ? { text: 'ok', style: 'green' } : { text: 'MISSED', style: 'red' }

/** The same as JSON lines. */
export function recordSimulation(
  out: Output,
  { name }: Scenario,
  figures: Figures,
  checks: readonly Check[],
): void {
  for (const tier of figures.staleness) out.record({ kind: 'staleness', ...tier })
  for (const { instants: _, late, ...account } of figures.accounts) {
    out.record({ kind: 'account', ...account, late: late.length })
    for (const { late: __, ...poll } of late) out.record({ kind: 'late', account: account.name, ...poll })
  }
  for (const calls of figures.ledger) out.record({ kind: 'calls', ...calls })
  for (const batch of figures.batches) out.record({ kind: 'bibs', ...batch })
  if (figures.backfill !== null) out.record({ kind: 'backfill', ...figures.backfill })
  for (const check of checks) out.record({ kind: 'check', ...check })
  out.record({ kind: 'summary', scenario: name, ok: checks.every(({ ok }) => ok) })
}
