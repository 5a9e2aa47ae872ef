import { StartlistError } from '../../domain/errors.ts'
import { toRaces } from './races.ts'
import type { ApiCall, Send } from './request.ts'
import type { KeyForm } from './traits.ts'

/**
 * The header first: a key of version 2 in the place of version 1 has been seen to give an empty list instead of an
 * error (RunSignUp API notes 2.1).
 */
const FORMS: readonly KeyForm[] = ['header', 'query']

/** Enough races to tell an account's list from everybody's. */
const SAMPLE: ApiCall = {
  path: '/races',
  query: { events: 'T', page: '1', results_per_page: '50' },
  purpose: 'probe',
}

/** Between two calls a race may come or go. */
const SAME_SHARE = 0.9

/**
 * Finds out by content in which form a key works, and that it does. No error is no proof: a key that is not recognised
 * leaves `/races` listing all public races of the nation (RunSignUp API notes 2.1), so the list is compared with the one
 * that anybody gets. Where they are alike, registrations of one of the races decide: those are not for anybody. Costs
 * two calls as a rule, and at most five, of which at most two are refused.
 * @param known the form that has worked before: no other is tried
 * @throws StartlistError `CREDENTIAL_REFUSED`; `FORBIDDEN` for a key that lists no race, so that nothing can be told
 */
export async function learnKeyForm(send: Send, secret: string, known: KeyForm | null): Promise<KeyForm> {
  let refusal: StartlistError | null = null
  let sawEmptyList = false
  let everybodys: RaceSample | null | undefined
  for (const form of known === null ? FORMS : [known]) {
    const mine = await unlessRefused(
      () => sample(send, { secret, form }),
      (error) => {
        refusal ??= error
      },
    )
    if (mine === null) continue
    // No proof either: it may be all that a key in the wrong place is given.
    if (mine.raceIds.length === 0) {
      sawEmptyList = true
      continue
    }
    everybodys ??= await unlessRefused(() => sample(send, null))
    if (everybodys === null || !isAlike(mine, everybodys)) return form
    if (await canReadRegistrations(send, { secret, form }, mine)) return form
    refusal ??= new StartlistError(
      'CREDENTIAL_REFUSED',
      'the key is not recognised: with it, the list of races is the one that everybody gets',
    )
  }
  if (sawEmptyList) {
    throw new StartlistError('FORBIDDEN', 'the key lists no race', {
      hint: 'Give this key access to the races at RunSignUp, or check key and secret; then credentials test.',
    })
  }
  throw refusal ?? new StartlistError('CREDENTIAL_REFUSED', 'the key was refused')
}

interface RaceSample {
  raceIds: string[]
  /** a race with an event, to ask for registrations */
  event: { raceId: string; eventId: string } | null
}

async function sample(send: Send, signature: Parameters<Send>[1]): Promise<RaceSample> {
  const { json } = await send(SAMPLE, signature)
  const { races } = toRaces(json)
  const [event = null] = races.flatMap((race) => race.events)
  return { raceIds: races.map((race) => race.raceId), event }
}

function isAlike(mine: RaceSample, everybodys: RaceSample): boolean {
  const theirs = new Set(everybodys.raceIds)
  const common = mine.raceIds.filter((id) => theirs.has(id)).length
  return common >= SAME_SHARE * Math.max(mine.raceIds.length, theirs.size)
}

async function canReadRegistrations(
  send: Send,
  signature: Parameters<Send>[1],
  { event }: RaceSample,
): Promise<boolean> {
  if (event === null) return false
  const call: ApiCall = {
    path: `/race/${event.raceId}/participants`,
    query: { event_id: event.eventId, page: '1', results_per_page: '1' },
    purpose: 'probe',
    eventId: event.eventId,
  }
  return (await unlessRefused(() => send(call, signature))) !== null
}

/** The result, or null where the provider refused the caller; whatever else goes wrong is thrown on. */
async function unlessRefused<T>(
  call: () => Promise<T>,
  onRefused: (error: StartlistError) => void = () => {},
): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof StartlistError) || error.class !== 'auth') throw error
    onRefused(error)
    return null
  }
}
