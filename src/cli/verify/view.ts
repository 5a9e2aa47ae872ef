import type { ProviderName } from '../../domain/account.ts'
import { scrubText } from '../../observe/scrub.ts'
import type { Exchange } from '../../providers/exchange.ts'
import type { DatedAnswer } from '../../sync/verify/answers.ts'
import type { Check } from '../../sync/verify/check.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, exitOf } from '../exit.ts'
import { oneLine } from '../table.ts'
import { age } from '../times.ts'
import { wrapLine } from '../wrap.ts'

/** One account with all that a verification found. */
export interface VerifiedAccount {
  accountId: number | null
  provider: ProviderName
  /** its organizations */
  label: string
  checks: Check[]
  answers: readonly DatedAnswer[]
  /** with personal data: for what is derived from it, and never kept */
  exchanges: readonly Exchange[]
  codes: ExitCode[]
}

const STYLES = { ok: 'green', open: 'yellow', fail: 'red' } as const
/** Where the text of a check begins, and that of an answer. */
const CHECK_INDENT = 16
const ANSWER_INDENT = 4
/** Longer lines are hard to read; a narrow terminal breaks earlier. */
const WIDEST = 100
const width = (): number => Math.min(WIDEST, process.stdout.columns ?? WIDEST)

/** Writes one check, and says what it means for the exit code. */
export function tellCheck({ out }: Cli, found: Check, account: VerifiedAccount | null): ExitCode {
  const { check, state } = found
  const detail = safeDetail(found.detail)
  const of = account === null ? {} : { provider: account.provider, accountId: account.accountId }
  out.record({ check, ok: state === 'ok', detail, state, ...of })
  const [first = '', ...more] = wrapLine(detail, width() - CHECK_INDENT)
  out.line(`${out.paint(STYLES[state], state.padEnd(4))}  ${check.padEnd(CHECK_INDENT - 8)}  ${first}`)
  for (const line of more) out.line(`${' '.repeat(CHECK_INDENT)}${line.trim()}`)
  if (state === 'ok') return 0
  if (state === 'open') return 3
  return found.error === undefined ? 1 : exitOf(found.error)
}

/** A registration number in an address is somebody's. */
export function safeDetail(text: string): string {
  return scrubText(oneLine(text)).replaceAll(/\/registrations\/[^\s:,;/]+/g, '/registrations/{number}')
}

/** The open questions, each with its answer and evidence, those without one last. */
export function tellAnswers({ out, clock }: Cli, { answers, provider, accountId }: VerifiedAccount): void {
  for (const { question, asks, answer, evidence, at } of answers) {
    const when = new Date(at).toISOString()
    out.record({ kind: 'answer', provider, accountId, question, asks, answer, evidence, at: when })
  }
  const answered = answers.filter(({ answer }) => answer !== null)
  const unanswered = answers.filter(({ answer }) => answer === null)
  if (answered.length > 0) {
    out.line()
    out.line('What this account answers:')
  }
  const indent = ' '.repeat(ANSWER_INDENT)
  for (const { asks, answer, evidence, at } of answered) {
    const since = clock.now() - at < DAY ? '' : ` (${age(at, clock.now())})`
    out.line(`  ${asks} ${out.paint('bold', answer ?? '')}`)
    for (const line of wrapLine(`${evidence}${since}`, width() - ANSWER_INDENT))
      out.line(`${indent}${line.trim()}`)
  }
  if (unanswered.length > 0) {
    out.line()
    out.line('What it cannot answer:')
  }
  for (const { asks, evidence } of unanswered) {
    out.line(`  ${asks}`)
    for (const line of wrapLine(`because ${evidence}`, width() - ANSWER_INDENT))
      out.line(`${indent}${line.trim()}`)
  }
}

const DAY = 24 * 3_600_000
