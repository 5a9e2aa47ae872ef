import type { ProviderName } from '../domain/account.ts'
import { StartlistError } from '../domain/errors.ts'
import { adviceFor, isUsable, labelOf } from '../status/credentials.ts'
import type { Db } from '../store/database.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { listPartners, type Partner } from '../store/partners.ts'
import type { Cli } from './cli.ts'
import { type ExitCode, exitOf } from './exit.ts'
import { untilText } from './times.ts'

export { adviceFor, isUsable }

/** Which credentials a command is about. */
export interface Choice {
  partnerId?: number | undefined
  provider?: ProviderName | undefined
}

/** One account that a command works on, with the chosen credentials that can be used for it. */
export interface ChosenAccount {
  accountId: number
  provider: ProviderName
  /** Its organizations, for people. */
  label: string
  credentials: CredentialOverview[]
}

/** @throws StartlistError `NO_SUCH_PARTNER` */
export async function requirePartner(db: Db, partnerId: number): Promise<Partner> {
  const [partner] = await listPartners(db, { partnerId })
  if (partner === undefined)
    throw new StartlistError('NO_SUCH_PARTNER', `there is no timing partner ${partnerId}`)
  return partner
}

/** The credentials of a choice; its partner has to exist. */
export async function chosenCredentials(
  db: Db,
  { partnerId, provider }: Choice,
): Promise<CredentialOverview[]> {
  if (partnerId !== undefined) await requirePartner(db, partnerId)
  const all = await credentialOverview(db, partnerId === undefined ? {} : { partnerId })
  return all.filter((credential) => provider === undefined || credential.provider === provider)
}

/** The accounts behind usable credentials: two credentials with one client id are one account. */
export function accountsOf(credentials: readonly CredentialOverview[]): ChosenAccount[] {
  const groups = Map.groupBy(credentials.filter(isUsable), (credential) => credential.accountId as number)
  return [...groups].map(([accountId, members]) => ({
    accountId,
    provider: members[0]!.provider,
    label: labelOf(members),
    credentials: members,
  }))
}

/** Runs `work` on every account at the same time; one account's failure never hides another's result. */
export async function onAccounts<T>(
  accounts: readonly ChosenAccount[],
  work: (account: ChosenAccount) => Promise<T>,
): Promise<{ account: ChosenAccount; result: PromiseSettledResult<T> }[]> {
  const results = await Promise.allSettled(accounts.map(work))
  return accounts.map((account, i) => ({ account, result: results[i]! }))
}

/**
 * Reports what stopped an account as a whole. Refused secrets are left to {@link reportUnusable}, which names each.
 * @param left events that were not reached
 */
export function reportAccount(cli: Cli, account: ChosenAccount, error: unknown, left = 0): ExitCode {
  const refused = error instanceof StartlistError && error.code === 'CREDENTIAL_REFUSED'
  if (!refused) {
    const more = left === 0 ? '' : ` (${left} more ${left === 1 ? 'event' : 'events'} not reached)`
    const partnerIds = account.credentials.map((c) => c.partnerId)
    cli.out.problem(error, {
      label: `${account.label}${more}`,
      fields: { provider: account.provider, partnerIds, ...(left === 0 ? {} : { left }) },
    })
  }
  return exitOf(error)
}

/**
 * Says a wait in the reader's own time.
 * @param options.canWait whether the command takes `--wait`, which the usual hint names
 */
export function inTime(error: unknown, { clock }: Cli, { canWait = true } = {}): unknown {
  if (!(error instanceof StartlistError) || error.class !== 'rate_limited') return error
  const { code, retryAt, status } = error
  const hint = canWait || !error.hint.includes('--wait') ? error.hint : 'Run the command again then.'
  const now = clock.now()
  const said = error.message.replace(/ until \d{4}-\d\d-\d\dT[\d:.]+Z/, '')
  const message =
    retryAt === undefined || retryAt <= now ? error.message : `${said} until ${untilText(retryAt, now)}`
  return new StartlistError(code, message, {
    hint,
    cause: error,
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(status === undefined ? {} : { status }),
  })
}

/** Names every chosen credential that cannot be used as it stands, and says what to do. */
export async function reportUnusable(cli: Cli, db: Db, choice: Choice): Promise<ExitCode> {
  const credentials = await chosenCredentials(db, choice)
  if (credentials.length === 0) {
    const hint = 'Add one: startlist setup, or startlist credentials add.'
    cli.out.problem(new StartlistError('NO_SUCH_CREDENTIAL', 'there is no credential yet', { hint }))
    return 3
  }
  const unusable = credentials.filter((credential) => !isUsable(credential))
  for (const credential of unusable) {
    const { credentialId: id, partnerId, provider, state } = credential
    const { message, hint } = adviceFor(credential)
    cli.out.problem(new StartlistError('CREDENTIAL_REFUSED', message, { hint }), {
      label: `credential ${id} (${credential.partner}, ${credential.organization ?? 'no organization'})`,
      fields: { credentialId: id, provider, partnerId, state },
    })
  }
  return unusable.length > 0 ? 3 : 0
}
