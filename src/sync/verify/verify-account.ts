import { StartlistError } from '../../domain/errors.ts'
import type { JsonObject } from '../../domain/json.ts'
import { type Exchange, notingExchanges } from '../../providers/exchange.ts'
import type { LongList } from '../../providers/provider.ts'
import { counted } from '../../providers/question.ts'
import { adapterOf } from '../../providers/registry.ts'
import { readAccount, saveTraits } from '../../store/accounts.ts'
import { listCredentials } from '../../store/credentials.ts'
import { readKnownFacts } from '../../store/known-facts.ts'
import { participantTable } from '../../store/participants/table.ts'
import type { CallBudget } from '../call-budget.ts'
import type { AccountContext } from '../context.ts'
import { discover } from '../discover.ts'
import { type AccountUse, type Services, testCredential, withAccount } from '../open-account.ts'
import { openSecret } from '../secrets.ts'
import { answersJson, type DatedAnswer, mergedAnswers, storedAnswers } from './answers.ts'
import { type Check, fail, ok, open } from './check.ts'
import { type Choice, chooseEvent } from './choose-event.ts'
import { broken, readAndCompare } from './read-event.ts'

/** What is to be verified, and how much it may cost. */
export interface VerifyRequest {
  accountId: number
  partnerId: number
  /** of this timing partner and account */
  credentialIds: readonly number[]
  budget: CallBudget
  signal: AbortSignal
  /** Told of each check when it is done. */
  tell: (check: Check) => void
}

/** What the contact with one account showed. */
export interface Verified {
  answers: DatedAnswer[]
  /** holds personal data: it must not outlive the command */
  exchanges: readonly Exchange[]
}

/** Pages of events that are read at most, and at least. */
const EVENT_PAGES = { most: 4, least: 1 }
/** First pages that are looked at, and what is left for the rest of the verification. */
const LOOKS = { most: 4, least: 2, leave: 22 }

/**
 * One account from secret to poll, for one timing partner: every step in the class of a person, and each failure told
 * without hiding what else can be told. Never throws for the account's trouble.
 */
export async function verifyAccount(services: Services, request: VerifyRequest): Promise<Verified> {
  const exchanges: Exchange[] = []
  const { accountId, budget, signal, tell } = request
  const noting = { ...services, fetch: notingExchanges(exchanges, services.clock, services.fetch) }
  const use: AccountUse = { class: 'person', budget, signal }
  const works = await proveSecrets(noting, request, use)
  if (works) {
    try {
      await withAccount(noting, accountId, use, async (account, receivers) => {
        tell(await lookForEvents(account, receivers, request))
        await readOne(account, request)
      })
    } catch (error) {
      tell(broken('account', error))
    }
  } else tell(open('events', 'not looked for: no secret of this account works'))
  return { answers: await answer(services, request, exchanges), exchanges }
}

/** Does the key open each secret, and does each secret open the account (S1)? */
async function proveSecrets(
  services: Services,
  { credentialIds, tell }: VerifyRequest,
  use: AccountUse,
): Promise<boolean> {
  let works = false
  for (const credentialId of credentialIds) {
    const which = `credential ${credentialId}`
    try {
      const [credential] = await listCredentials(services.db, { credentialId })
      if (credential === undefined) throw new StartlistError('NO_SUCH_CREDENTIAL', `${which} is gone`)
      await openSecret(services, credential)
      tell(ok('secret', `${which}: stored, and the key opens it`))
    } catch (error) {
      tell(broken('secret', error))
      continue
    }
    try {
      const { ok: isGood } = await testCredential(services, credentialId, use)
      if (!isGood) throw new StartlistError('CREDENTIAL_REFUSED', `${which}: the provider refused the secret`)
      tell(ok('token', `${which}: the provider takes the secret`))
      works = true
    } catch (error) {
      tell(broken('token', error))
    }
  }
  return works
}

async function lookForEvents(
  account: AccountContext,
  receivers: Parameters<typeof discover>[1],
  { partnerId, budget }: VerifyRequest,
): Promise<Check> {
  const before = account.calls()
  const mostPages = Math.max(EVENT_PAGES.least, Math.min(EVENT_PAGES.most, Math.floor(budget.left / 6)))
  try {
    const results = await discover(account, receivers, { mostPages })
    const mine = results.find((result) => result.partnerId === partnerId)
    if (mine === undefined) return fail('events', "none is this partner's: its own secret is not proven")
    const isCut = account.calls() - before >= mostPages
    const more = isCut ? ', as far as was read; startlist discover reads all' : ''
    return ok('events', `${counted(mine.events, 'event')} found${more}`)
  } catch (error) {
    return broken('events', error)
  }
}

async function readOne(account: AccountContext, request: VerifyRequest): Promise<void> {
  const { partnerId, budget, tell } = request
  let choice: Choice | null = null
  try {
    const looks = Math.max(LOOKS.least, Math.min(LOOKS.most, budget.left - LOOKS.leave))
    choice = await chooseEvent(account, partnerId, budget, looks)
    tell(chosenCheck(choice))
    if (choice.chosen !== null)
      for (const check of await readAndCompare(account, choice.chosen, partnerId, budget)) tell(check)
  } catch (error) {
    tell(broken('event', error))
  }
  await askOtherwise(account, choice?.longList ?? null, budget)
}

function chosenCheck({ chosen, looked, left }: Choice): Check {
  const among = left === 0 ? '' : `; ${counted(left, 'more event')} not looked at`
  if (chosen === null)
    return open('event', `nobody is registered in any of those that were looked at (${looked})${among}`)
  const size = chosen.isExact ? String(chosen.size) : `${chosen.size} or more`
  const { name, eventId } = chosen.event
  return ok(
    'event',
    `${name ?? eventId} is the smallest with people that was found: ${size} registrations${among}`,
  )
}

/** Other ways of asking, for the answers; one that fails answers as well. */
async function askOtherwise(
  account: AccountContext,
  longList: LongList | null,
  budget: CallBudget,
): Promise<void> {
  for (const ask of account.connection.askOtherwise?.(longList) ?? []) {
    if (budget.left <= 0 || account.signal.aborted) return
    try {
      await ask()
    } catch (error) {
      // A provider that wants no more calls is not asked for curiosity.
      if (error instanceof StartlistError && error.class === 'rate_limited') return
    }
  }
}

/** What was seen answers questions; what they were answered before stays. */
async function answer(
  { db, clock, config }: Services,
  { accountId, partnerId }: VerifyRequest,
  exchanges: readonly Exchange[],
): Promise<DatedAnswer[]> {
  const state = await readAccount(db, accountId)
  const adapter = state && adapterOf(state.provider)
  if (state === null || adapter == null) return []
  const at = { provider: state.provider, accountId, partnerId }
  const facts = await readKnownFacts(db, participantTable(state.provider), at)
  const traits = (state.traits.connection ?? {}) as JsonObject
  const { apiUrl } = config[state.provider]
  const known = storedAnswers(state.traits)
  if (exchanges.length === 0) return known
  const answers = mergedAnswers(known, adapter.answers({ exchanges, facts, traits, apiUrl }), clock.now())
  await saveTraits(db, accountId, answersJson(answers))
  return answers
}
