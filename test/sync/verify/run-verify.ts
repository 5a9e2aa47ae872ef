import { sql } from 'kysely'
import type { Exchange } from '../../../src/providers/exchange.ts'
import { callBudget } from '../../../src/sync/call-budget.ts'
import type { DatedAnswer } from '../../../src/sync/verify/answers.ts'
import type { Check } from '../../../src/sync/verify/check.ts'
import { verifyAccount } from '../../../src/sync/verify/verify-account.ts'
import type { Installation } from '../../helpers/installation.ts'

/** What a verification of one account found, and what it cost by the ledger. */
export interface Verification {
  checks: Check[]
  /** `ok secret`, `fail token` and so on */
  states: string[]
  answers: Map<string, string | null>
  dated: readonly DatedAnswer[]
  exchanges: readonly Exchange[]
  ledger: number
  detailOf(check: string): string
}

/** Verifies one account as the command does. */
export async function runVerify(
  { db, services }: Pick<Installation, 'db' | 'services'>,
  at: { accountId: number; partnerId: number; credentialIds: number[]; calls?: number },
): Promise<Verification> {
  const checks: Check[] = []
  const before = await ledgerOf(db, at.accountId)
  const { answers, exchanges } = await verifyAccount(services, {
    ...at,
    budget: callBudget(at.calls ?? 29),
    signal: new AbortController().signal,
    tell: (check) => checks.push(check),
  })
  return {
    checks,
    states: checks.map(({ check, state }) => `${state} ${check}`),
    answers: new Map(answers.map(({ question, answer }) => [question, answer])),
    dated: answers,
    exchanges,
    ledger: (await ledgerOf(db, at.accountId)) - before,
    detailOf: (check) => checks.find((one) => one.check === check)?.detail ?? '',
  }
}

async function ledgerOf(db: Installation['db'], accountId: number): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    SELECT count(*)::int AS calls FROM api_calls WHERE account_id = ${accountId}`.execute(db)
  return rows[0]?.calls ?? 0
}
