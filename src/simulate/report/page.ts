import { type AccountFigures, busiest, type Figures } from '../judge/figures.ts'
import { leftoverSentences } from '../judge/sentences.ts'
import type { Check } from '../judge/verdict.ts'
import { lengthText } from '../lengths.ts'
import { replacedIn } from '../replaced.ts'
import type { Scenario } from '../scenario.ts'
import { text } from './plot.ts'
import { stalenessPlot, windowPlot } from './plots.ts'

/** A played scenario as one page that needs nothing else: what was judged, plots, figures, and what was replaced. */
export function reportHtml(scenario: Scenario, figures: Figures, checks: readonly Check[]): string {
  const kept = checks.filter(({ ok }) => ok).length
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>startlist simulate ${text(scenario.name)}</title>
<style>${STYLE}</style></head><body>
<h1>${text(scenario.name)}</h1>
<p>${text(scenario.about)} Played: ${lengthText(scenario.duration)} from ${new Date(scenario.start).toISOString()}, seed ${scenario.seed}.</p>
<p><strong>${kept} of ${checks.length} promises kept.</strong></p>
${table(['', 'Judged', 'Promised', 'Found'], checks.map(checkRow))}
<figure>${stalenessPlot(scenario, figures)}</figure>
${table(['Polled every', 'Changes', 'p50', 'p95', 'p99', 'Max', 'Never'], figures.staleness.map(tierRow))}
<figure>${windowPlot(scenario, figures)}</figure>
<h2>By the provider's own log</h2>
${table(['Account', 'Calls', 'Lists', 'Details', 'Most in 60 min', 'Polls', 'Late', 'Excused', 'Latest by'], busiest(figures.accounts).map(accountRow))}
${leftoverSentences(figures)
  .map((line) => `<p>${text(line)}</p>`)
  .join('')}${foreseenTable(figures)}
<h2>By startlist's ledger</h2>
${table(
  ['Class', 'For', 'Calls'],
  figures.ledger.map((calls) => [calls.class, calls.purpose, String(calls.count)]),
)}
<h2>What a simulation replaces</h2>
<ul>${replacedIn(scenario)
    .map((line) => `<li>${text(line)}</li>`)
    .join('')}</ul>
</body></html>
`
}

const STYLE =
  ':root{color-scheme:light dark}body{max-width:62rem;margin:1.5rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}' +
  'figure{margin:2rem 0 .5rem}svg{width:100%;height:auto}table{border-collapse:collapse;display:block;overflow-x:auto}' +
  'td,th{padding:.15rem .8rem .15rem 0;text-align:left;border-bottom:1px solid #8884}'

function checkRow({ what, promised, found, ok }: Check): string[] {
  return [ok ? 'ok' : 'MISSED', what, promised, found]
}

function tierRow({ every, changes, p50, p95, p99, max, missed }: Figures['staleness'][number]): string[] {
  return [lengthText(every), String(changes), ...[p50, p95, p99, max].map(lengthText), String(missed)]
}

function accountRow(account: AccountFigures): string[] {
  const { name, calls, byEndpoint, mostInHour, polls, late, excused, latestMs } = account
  const counts: number[] = [
    calls,
    byEndpoint.participants ?? 0,
    byEndpoint.detail ?? 0,
    mostInHour,
    polls,
    late.length,
    excused,
  ]
  return [name, ...counts.map(String), lengthText(latestMs)]
}

function foreseenTable({ accounts }: Figures): string {
  const foreseen = accounts.flatMap((account) => account.foreseen)
  if (foreseen.length === 0) return ''
  const rows = foreseen.map(({ name, every, foreseenEvery, realEvery, off }) => [
    name,
    ...[every, foreseenEvery, realEvery].map(lengthText),
    `${Math.round(off * 1_000) / 10} %`,
  ])
  return `<h2>Foreseen at the start as late, and what came of it</h2>${table(['Event', 'Every', 'Foreseen', 'Real', 'Off by'], rows)}`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join('')
  return `<table><thead><tr>${cells(heads, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>`
}
