import { StartlistError } from '../domain/errors.ts'
import { backfillAccount } from '../scheduler/backfill/account.ts'
import { CallBudget } from '../scheduler/backfill/budget.ts'
import { accountsOf, type Choice, chosenCredentials, onAccounts, reportUnusable } from './accounts.ts'
import { openBars } from './backfill/bars.ts'
import { tellPlan } from './backfill/plan.ts'
import { prepare } from './backfill/preflight.ts'
import { report } from './backfill/report.ts'
import type { Cli, Command } from './cli.ts'
import { type ExitCode, foldExit } from './exit.ts'
import { optionalId } from './options.ts'
import { type Session, withSession } from './session.ts'

export interface BackfillOptions {
  partner?: string
  dryRun?: boolean
  limit?: string
  processLarge?: boolean
  /** False with `--no-wait`. */
  wait?: boolean
}

/** Reads all that was never read, in the fewest calls; goes on where the last one was. */
export const backfill: Command<BackfillOptions> = (cli, options) => {
  const choice = { partnerId: optionalId(options.partner, '--partner') }
  const limit = limitOption(options.limit)
  return withSession(cli, {}, (session) => run(cli, session, { ...options, choice, limit }))
}

function limitOption(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new StartlistError('BAD_INPUT', `--limit is a number of calls such as 400, not "${text}"`)
  return Number(text)
}

type Chosen = Omit<BackfillOptions, 'limit'> & { choice: Choice; limit: number }

async function run(cli: Cli, session: Session, chosen: Chosen): Promise<ExitCode> {
  const { db, config } = session
  const { choice, limit, processLarge = false } = chosen
  const accounts = accountsOf(await chosenCredentials(db, choice))
  if (chosen.dryRun) {
    await tellPlan(cli, session, accounts, { partnerId: choice.partnerId, processLarge })
    return reportUnusable(cli, db, choice)
  }
  await prepare(session, accounts)
  const budget = new CallBudget(limit)
  const bars = await openBars(cli)
  const results = await onAccounts(accounts, async (account) => {
    try {
      return await backfillAccount(session, {
        accountId: account.accountId,
        partnerId: choice.partnerId,
        ...config.backfill,
        processLarge,
        wait: chosen.wait !== false,
        budget,
        hooks: bars.of(account),
        signal: cli.signal,
      })
    } finally {
      bars.done(account.accountId)
    }
  }).finally(() => bars.stop())
  const told = await report(cli, session, results, choice)
  // Where the database is what stopped it, that is told already.
  const unusable = await reportUnusable(cli, db, choice).catch((): ExitCode => 0)
  return foldExit([told, unusable])
}
