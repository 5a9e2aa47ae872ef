import type { Exchange } from '../../providers/exchange.ts'
import { adapterOf } from '../../providers/registry.ts'
import { routeOf } from '../../providers/route.ts'
import type { Cli } from '../cli.ts'
import { saveFile } from './save.ts'
import type { SpecResult } from './spec.ts'
import { safeDetail, type VerifiedAccount } from './view.ts'

/** A verification as a text that can be sent to a provider's support: no secret, nobody's data. */

interface ReportFacts {
  /** ms since the epoch */
  now: number
  accounts: readonly VerifiedAccount[]
  calls: number
  findings: SpecResult | null
}

/** Markdown. */
export function reportText({ now, accounts, calls, findings }: ReportFacts): string {
  const parts = [
    '# startlist verify',
    `${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${calls} calls. No secret and no personal data is in this report: addresses have no registration numbers, answers are told by their structure.`,
    ...accounts.flatMap(accountParts),
    ...(findings === null ? [] : specParts(findings)),
  ]
  return `${parts.join('\n\n')}\n`
}

function accountParts({ label, provider, checks, answers, exchanges }: VerifiedAccount): string[] {
  const checked = checks.map(({ check, state, detail }) => [state, check, safeDetail(detail)])
  const answered = answers.map(({ asks, answer, evidence, at }) => [
    asks,
    answer ?? 'this account cannot answer it',
    `${answer === null ? 'because ' : ''}${evidence}`,
    new Date(at).toISOString().slice(0, 10),
  ])
  return [
    `## ${safeDetail(label)} (${provider})`,
    table(['', 'Check', 'Found'], checked),
    ...(answered.length === 0
      ? []
      : ['### Questions', table(['Question', 'Answer', 'Evidence', 'Seen'], answered)]),
    ...(exchanges.length === 0
      ? []
      : [
          '### Calls',
          table(
            ['Call', 'Asked with', 'Status', 'Bytes', 'ms'],
            exchanges.map((exchange) => callRow(exchange, provider)),
          ),
        ]),
  ]
}

/** Parameters whose values are sizes and switches; of others the name alone. */
const PLAIN =
  /^(page|per_page|results_per_page|sort\w*|show_inactive|format|events|\w+_only|include_\w+|supports_nb)$/

function callRow(exchange: Exchange, provider: VerifiedAccount['provider']): string[] {
  const { query, status, bytes, ms, authorization } = exchange
  const uses = adapterOf(provider)?.uses
  const route = uses === undefined ? null : routeOf(uses, exchange)
  const parameters = Object.entries(query).map(([name, value]) =>
    PLAIN.test(name) ? `${name}=${value}` : name,
  )
  return [
    route ?? `${exchange.method} ${exchange.method === 'POST' ? 'token' : '(other)'}`,
    [...parameters, `key: ${authorization}`].join(' '),
    ...[status, bytes, Math.round(ms)].map(String),
  ]
}

function specParts({ provider, findings }: SpecResult): string[] {
  const rows = findings.map(({ weight, where, what }) => [weight, where, what])
  const told = rows.length === 0 ? 'They agree.' : table(['', 'Where', 'What'], rows)
  return [`## Specification against what startlist uses of ${provider}`, told]
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Writes it, mode 0600 all the same: whom it is sent to is a person's decision. */
export async function saveReport({ out }: Cli, path: string, text: string): Promise<void> {
  await saveFile(path, text)
  out.note(`The report is in ${path}; it can be sent to the provider's support.`)
}
