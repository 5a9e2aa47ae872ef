import { hourDemand } from '../quota/demand.ts'
import { pollCapacity, type Stretch, stretchOf } from '../quota/stretch.ts'
import { effectiveLimit } from '../quota/window.ts'
import { readAccount } from '../store/accounts.ts'
import type { CredentialOverview } from '../store/overview/credentials.ts'
import type { EventPasses } from '../store/overview/passes.ts'
import { spentCalls } from '../store/overview/quota.ts'
import { pollGroups } from '../store/plans/heads.ts'
import { limitsOf } from '../sync/open-account.ts'
import { isBelieved } from '../sync/pass.ts'
import { backfillOf } from './backfill.ts'
import { labelOf, shortId } from './credentials.ts'
import type { AccountLine, Race, Reading } from './model.ts'
import { raceKey } from './races.ts'

/** What an account can spend, before anybody looks at its races. */
export interface AccountMeans extends Omit<AccountLine, 'backfill'> {
  /** calls that backfill has had of the rolling hour */
  backfilled: number
  /** calls an hour that polls leave */
  spare: number
}

/** The accounts behind the credentials, in their order. */
export async function readMeans(
  { db, config, clock }: Reading,
  credentials: readonly CredentialOverview[],
): Promise<AccountMeans[]> {
  const means: AccountMeans[] = []
  for (const [accountId, members] of Map.groupBy(credentials, (credential) => credential.accountId)) {
    const state = accountId === null ? null : await readAccount(db, accountId)
    if (accountId === null || state === null) continue
    const { provider, principal, observedLimit, pause } = state
    const limits = limitsOf(config, state)
    const capacity = pollCapacity(limits, observedLimit)
    const demand = hourDemand(await pollGroups(db, accountId))
    const spent = await spentCalls(db, accountId)
    const callsOf = (which: (callClass: string) => boolean) =>
      spent.reduce((sum, row) => sum + (which(row.class) ? row.calls : 0), 0)
    const list = state.traits.list as { unorderedSince?: number | null } | undefined
    const unorderedSince = list?.unorderedSince ?? null
    means.push({
      accountId,
      provider,
      clientId: shortId(principal),
      label: labelOf(members),
      calls: callsOf(() => true),
      limit: effectiveLimit(limits, observedLimit),
      pausedUntil: pause?.until ?? null,
      pauseReason: pause?.reason ?? null,
      stretch: stretchOf(demand, capacity),
      unorderedSince: isBelieved(unorderedSince, { clock }) ? unorderedSince : null,
      backfilled: callsOf((callClass) => callClass === 'backfill'),
      spare: Math.max(0, capacity - Math.ceil(demand.near + demand.far)),
    })
  }
  return means
}

export const stretchesOf = (means: readonly AccountMeans[]): ReadonlyMap<number, Stretch> =>
  new Map(means.map(({ accountId, stretch }) => [accountId, stretch]))

/** The account with what it has still to read of its races. */
export function lineOf(
  { backfilled, spare, ...account }: AccountMeans,
  races: readonly Race[],
  passes: ReadonlyMap<string, EventPasses>,
): AccountLine {
  const fed = races.filter(({ event }) => event.accountId === account.accountId && !event.missing)
  const backfill = backfillOf(
    fed.map(({ event, counts }) => ({
      isComplete: event.completeAt !== null,
      participants: counts.participants,
      pending: counts.pending,
      sweep: passes.get(raceKey(event))?.sweep ?? null,
    })),
    {
      calls: backfilled,
      spare,
      readsDetails: fed.some(({ counts }) => counts.pending > 0 || counts.bibsAsOf !== null),
    },
  )
  return { ...account, backfill }
}
