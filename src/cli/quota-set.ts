import { StartlistError } from '../domain/errors.ts'
import { markWindowsSpent, readAccount, setQuota } from '../store/accounts.ts'
import type { Db } from '../store/database.ts'
import type { Command } from './cli.ts'
import { idOption, optionalId } from './options.ts'
import { quota } from './quota.ts'
import { withSession } from './session.ts'

export interface SetQuotaOptions {
  account: string
  limit?: string
  reserve?: string
  externalUse?: string
}

/** Takes back what a person set. */
const DEFAULT = 'default'

/** `quota set`: what one account may spend, where that differs from the configuration. */
export const setQuotaOf: Command<SetQuotaOptions> = async (cli, options) => {
  const accountId = idOption(options.account, '--account')
  const setting = {
    ...(options.limit === undefined ? {} : { limit: callsOption(options.limit, '--limit', 1) }),
    ...(options.reserve === undefined ? {} : { reserve: callsOption(options.reserve, '--reserve', 0) }),
    ...(options.externalUse === undefined ? {} : { externalUse: shareOption(options.externalUse) }),
  }
  if (Object.keys(setting).length === 0)
    throw new StartlistError('USAGE', 'nothing to set: give --limit, --reserve or --external-use')
  await withSession(cli, {}, async ({ db }) => {
    await requireAccount(db, accountId)
    await setQuota(db, accountId, setting)
    return 0
  })
  return quota(cli, {})
}

/** `quota spent`: after a restore from backup the ledger lacks calls that were made (L5). */
export const markSpent: Command<{ account?: string }> = (cli, options) => {
  const accountId = optionalId(options.account, '--account')
  return withSession(cli, {}, async ({ db }) => {
    if (accountId !== undefined) await requireAccount(db, accountId)
    await markWindowsSpent(db, accountId)
    cli.out.record({ kind: 'spent', accountId: accountId ?? null })
    cli.out.line('No call is made for 60 minutes: what was spent before the restore is not known.')
    return 0
  })
}

async function requireAccount(db: Db, accountId: number): Promise<void> {
  if ((await readAccount(db, accountId)) !== null) return
  throw new StartlistError('BAD_INPUT', `there is no account ${accountId}`, {
    hint: 'startlist quota lists the accounts with their numbers.',
  })
}

function callsOption(text: string, name: string, least: number): number | null {
  if (text === DEFAULT) return null
  const calls = Number(text)
  if (!/^\d{1,7}$/.test(text) || calls < least)
    throw new StartlistError('BAD_INPUT', `${name} is a number of calls from ${least} on, not "${text}"`)
  return calls
}

/** A share of the limit, 0 to below 1, of text such as `20%`. */
function shareOption(text: string): number {
  if (text === DEFAULT) return 0
  const percent = /^(\d{1,2})%$/.exec(text)?.[1]
  if (percent === undefined)
    throw new StartlistError('BAD_INPUT', `--external-use is a share from 0% to 99%, not "${text}"`)
  return Number(percent) / 100
}
