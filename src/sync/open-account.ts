import type { Config } from '../config.ts'
import type { CallClass } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import type { JsonObject } from '../domain/json.ts'
import type { AccountConnection } from '../providers/connect.ts'
import { adapterOf } from '../providers/registry.ts'
import { type LedgerMeter, type OnCall, openMeter } from '../quota/ledger.ts'
import type { Limits } from '../quota/window.ts'
import { type AccountState, readAccount, saveTraits } from '../store/accounts.ts'
import { callBook, purgeCalls } from '../store/calls.ts'
import {
  type Credential,
  listCredentials,
  markProven,
  markRefused,
  markSuccess,
} from '../store/credentials.ts'
import type { Db } from '../store/database.ts'
import { participantTable } from '../store/participants/table.ts'
import type { CallBudget } from './call-budget.ts'
import type { AccountContext, ListTraits, Progress, StoredPage } from './context.ts'
import { keepingLane, type Lane, openLane } from './lane.ts'
import { patient } from './patient.ts'
import { type Candidate, isReceiver, openSecret, refusedError, tokenStore, usable } from './secrets.ts'
import { watchingShapes } from './shapes/watch.ts'

/** What every command and turn brings along. */
export interface Services {
  db: Db
  clock: Clock
  config: Config
  /** Opens sealed secrets: base64 of 32 bytes. */
  key: string
  fetch?: typeof fetch
  /** Told of every page that was committed, for whoever measures. */
  onPage?: (page: StoredPage) => void
}

/** How an account is to be used. */
export interface AccountUse {
  /** What calls are spent as (L3), until the work says otherwise. */
  class: CallClass
  /** Wait for quota and throttles instead of failing with `retryAt`. */
  wait?: boolean
  onWait?: (wait: { until: number; reason: string }) => void
  /** The account's lane is another's for now. */
  onBusy?: (holder: string) => void
  /** Told when a call begins. */
  onCall?: OnCall
  progress?: Progress
  signal?: AbortSignal
  /** How long to wait for the lane, ms; one turn when left out. */
  laneMs?: number
  /** Without `wait`: quota is waited for if it comes within so many ms. */
  shortWaitMs?: number
  /** Calls that may be made at all, tokens and retries included. */
  budget?: CallBudget
}

/**
 * Takes an account's lane, proves the secrets that are new, and lends the open account to `work` (N1, S1).
 * @param work gets the credentials whose own secret has obtained a token: the only ones that may receive anything
 * @throws StartlistError `LANE_BUSY`; `CREDENTIAL_REFUSED` when no secret of the account works; whatever `work` throws
 */
export async function withAccount<T>(
  services: Services,
  accountId: number,
  use: AccountUse,
  work: (account: AccountContext, receivers: Credential[]) => Promise<T>,
): Promise<T> {
  if ((await readAccount(services.db, accountId)) === null) {
    throw new StartlistError('NO_SUCH_CREDENTIAL', `there is no account ${accountId}`)
  }
  if ((await usable(services, accountId)).length === 0) throw await refusedError(services.db, accountId)
  const { laneMs: ms, signal, onBusy } = use
  const lane = await openLane(services.db, services.clock, accountId, { ms, signal, onBusy })
  try {
    // Read under the lane: whoever had it before may have learnt something, or met a refusal.
    const state = await readAccount(services.db, accountId)
    const candidates = await usable(services, accountId)
    if (state === null || candidates.length === 0) throw await refusedError(services.db, accountId)
    const opened = openConnection(services, state, lane, use, candidates)
    let unproven: unknown = null
    for (const candidate of candidates) {
      if (candidate.credential.provenAt !== null) continue
      await prove(opened.connection, candidate).catch((error: unknown) => {
        if (!isEndpointTrouble(error)) throw error
        unproven ??= error
      })
    }
    const receivers = (await listCredentials(services.db, { accountId })).filter(isReceiver)
    if (receivers.length === 0) throw unproven ?? (await refusedError(services.db, accountId))
    const result = await work(contextOf(services, state, lane, use, candidates, opened), receivers)
    if (opened.calls() > 0) await markSuccess(services.db, accountId)
    await purgeCalls(services.db)
    return result
  } finally {
    await lane.release()
  }
}

/** One credential's own secret, tried once at the token endpoint (S1): one call. */
export async function testCredential(
  services: Services,
  credentialId: number,
  use: AccountUse,
): Promise<{ ok: boolean; code: string | null }> {
  const [credential] = await listCredentials(services.db, { credentialId })
  if (credential === undefined)
    throw new StartlistError('NO_SUCH_CREDENTIAL', `there is no credential ${credentialId}`)
  const state = await readAccount(services.db, credential.accountId)
  if (state === null) throw new StartlistError('INTERNAL', `credential ${credentialId} has no account`)
  const candidate = await openSecret(services, credential)
  const lane = await openLane(services.db, services.clock, credential.accountId, { signal: use.signal })
  try {
    const { connection } = openConnection(services, state, lane, use, [candidate])
    return (await prove(connection, candidate))
      ? { ok: true, code: null }
      : { ok: false, code: 'CREDENTIAL_REFUSED' }
  } finally {
    await lane.release()
  }
}

/**
 * What an account may spend: the lower of what is configured and what a person set for it, less what other programs on
 * the same client id are known to use (L5).
 */
export function limitsOf(
  config: Config,
  account: Pick<AccountState, 'provider' | 'externalUse' | 'quotaLimit' | 'reserve'>,
): Limits {
  const { quotaPerHour, minSpacingMs } = config[account.provider]
  const perHour = Math.min(quotaPerHour, account.quotaLimit ?? quotaPerHour)
  const { externalUse, reserve } = account
  return { perHour, minSpacingMs, externalUse, ...(reserve === null ? {} : { reserve }) }
}

/** Whether each registration of the account takes a call of its own (F1), by what was learnt so far. */
export function readsDetails({ provider, traits }: AccountState): boolean {
  return adapterOf(provider)?.provider.needsDetail((traits.connection ?? {}) as JsonObject) ?? false
}

/** A secret that could not be tried now is tried next time; partners whose own is proven go on meanwhile. */
function isEndpointTrouble(error: unknown): boolean {
  if (!(error instanceof StartlistError)) return false
  return error.class === 'transient' || error.class === 'provider_bug' || error.code === 'FORBIDDEN'
}

/** @returns whether the secret obtained a token; a refusal is recorded by the connection */
async function prove(connection: AccountConnection, { credential, secret }: Candidate): Promise<boolean> {
  try {
    await connection.prove({ credentialId: credential.credentialId, secret })
    return true
  } catch (error) {
    if (error instanceof StartlistError && error.code === 'CREDENTIAL_REFUSED') return false
    throw error
  }
}

interface Opened {
  connection: AccountConnection
  calls: () => number
  spendAs: (callClass: CallClass) => void
}

function openConnection(
  services: Services,
  state: AccountState,
  lane: Lane,
  use: AccountUse,
  candidates: readonly Candidate[],
): Opened {
  const adapter = adapterOf(state.provider)
  if (adapter === undefined) {
    throw new StartlistError(
      'CONFIG_INVALID',
      `this release of startlist does not know the provider ${state.provider}`,
    )
  }
  const { db, config } = services
  const settings = config[state.provider]
  const clock = keepingLane(services.clock, lane)
  let spentBefore = 0
  const meterFor = (callClass: CallClass): LedgerMeter =>
    openMeter(callBook(db), clock, {
      accountId: state.accountId,
      class: callClass,
      limits: limitsOf(config, state),
      ...(use.wait === undefined ? {} : { wait: use.wait }),
      ...(use.shortWaitMs === undefined ? {} : { shortWaitMs: use.shortWaitMs }),
      ...(use.onWait === undefined ? {} : { onWait: use.onWait }),
      ...(use.onCall === undefined ? {} : { onCall: use.onCall }),
      ...(use.signal === undefined ? {} : { signal: use.signal }),
    })
  let meter = meterFor(use.class)
  const connection = adapter.connect({
    apiUrl: settings.apiUrl,
    tokenUrl: settings.tokenUrl ?? null,
    principal: state.principal,
    ...(settings.include === undefined ? {} : { include: settings.include }),
    secrets: candidates.map(({ credential, secret }) => ({ credentialId: credential.credentialId, secret })),
    clock,
    meter: {
      async acquire(call) {
        await lane.renew()
        use.budget?.admit()
        const ticket = await meter.acquire(call)
        use.budget?.note()
        return ticket
      },
    },
    tokens: tokenStore(services, state.accountId),
    traits: (state.traits.connection ?? null) as JsonObject | null,
    async onTraits(traits) {
      // For a line that is opened later.
      state.traits = { ...state.traits, connection: traits }
      await saveTraits(db, state.accountId, { connection: traits })
    },
    onRefused: (credentialId) => markRefused(db, credentialId, 'the provider refused the secret'),
    onProven: (credentialId) => markProven(db, credentialId),
    timeoutMs: config.requestTimeoutMs,
    ...(services.fetch === undefined ? {} : { fetch: services.fetch }),
    ...(use.signal === undefined ? {} : { signal: use.signal }),
  })
  const watched = watchingShapes(connection, db, state.accountId)
  return {
    connection: use.wait ? patient(watched) : watched,
    calls: () => spentBefore + meter.spent,
    spendAs(callClass) {
      spentBefore += meter.spent
      meter = meterFor(callClass)
    },
  }
}

function contextOf(
  services: Services,
  state: AccountState,
  lane: Lane,
  use: AccountUse,
  candidates: readonly Candidate[],
  opened: Opened,
): AccountContext {
  const provider = adapterOf(state.provider)?.provider
  if (provider === undefined) throw new StartlistError('INTERNAL', `no adapter for ${state.provider}`)
  let traits: ListTraits = {
    unorderedSince: null,
    totalsWrongSince: null,
    stampStep: 1,
    ...(state.traits.list as Partial<ListTraits> | undefined),
  }
  const on = (line: Opened): AccountContext => ({
    db: services.db,
    clock: services.clock,
    account: state,
    provider,
    connection: line.connection,
    shape: participantTable(state.provider),
    fence: lane.fence,
    calls: line.calls,
    spendAs: line.spendAs,
    anotherLine: () => on(openConnection(services, state, lane, use, candidates)),
    get traits() {
      return traits
    },
    async saveTraits(learnt) {
      traits = learnt
      await saveTraits(services.db, state.accountId, { list: { ...learnt } })
    },
    isWanted: lane.isWanted,
    progress: use.progress ?? (() => {}),
    onPage: services.onPage ?? (() => {}),
    signal: use.signal ?? new AbortController().signal,
  })
  return on(opened)
}
