import type { Clock } from '../../domain/clock.ts'
import { StartlistError } from '../../domain/errors.ts'
import type { Json } from '../../domain/json.ts'
import type { PageRequest } from '../provider.ts'
import {
  evidenceOf,
  forgotten,
  type HakuTraits,
  isThin,
  judge,
  type ListName,
  learn,
  postponed,
  probeDue,
} from './traits.ts'

/** A page of either list, as far as learning looks at it. */
interface Page {
  records: Json[]
  perPage: number
}

interface LearningOptions<P extends Page> {
  clock: Clock
  traits: () => HakuTraits
  keep: (traits: HakuTraits) => Promise<void>
  /** null when the list is not there */
  ask: (list: ListName, eventId: string, request: PageRequest, purpose: 'list' | 'probe') => Promise<P | null>
  /** page 1 of a list by a single attempt, in the size of `page`; null when the answer says nothing */
  probe: (list: ListName, eventId: string, page: { perPage: number }) => Promise<P | 'missing' | null>
}

/**
 * Reads the better of the two lists of registrations, and finds out which that is (F1): where a sweep allows it, page
 * 1 is asked of both, and what they contain decides.
 */
export function listLearning<P extends Page>(options: LearningOptions<P>) {
  const { clock, traits, keep, ask, probe } = options

  async function viaParticipants(eventId: string, request: PageRequest): Promise<P | null> {
    const page = await ask('participants', eventId, request, 'list')
    if (page === null) return withoutParticipants(eventId, request)
    if (!mayLearn(request, page)) return page
    const other = await tryProbe('registrations', eventId, page)
    if (other === null) return page
    const seen = evidenceOf(page.records, eventId, clock.now())
    if (other === 'missing') {
      await keep(learn(traits(), 'missing', seen))
      return page
    }
    await keep(learn(traits(), judge(page.records, other.records), seen))
    return traits().list === 'registrations' ? other : page
  }

  /** No participants list: the event is unknown, or this account only has the other list. */
  async function withoutParticipants(eventId: string, request: PageRequest): Promise<P | null> {
    if (request.learn !== true || request.page !== 1 || !probeDue(traits(), clock.now())) return null
    const other = await tryProbe('registrations', eventId, request)
    if (other === null || other === 'missing' || other.records.length === 0) return null
    if (judge(other.records, other.records) !== 'whole') return null
    await keep(learn(traits(), 'whole', evidenceOf(other.records, eventId, clock.now())))
    return other
  }

  async function viaRegistrations(eventId: string, request: PageRequest): Promise<P | null> {
    const page = await ask('registrations', eventId, request, 'list')
    if (page === null) {
      // Is it the event that is unknown, or this list?
      if ((await ask('participants', eventId, request, 'probe')) === null) return null
      return contradicted('is gone')
    }
    if (page.records.length > 0 && isThin(page.records)) return contradicted('no longer has whole records')
    if (!mayLearn(request, page)) return page
    const other = await tryProbe('participants', eventId, page)
    if (other === null) return page
    if (other === 'missing' || other.records.length === 0) {
      await keep(postponed(traits(), clock.now()))
      return page
    }
    const seen = evidenceOf(other.records, eventId, clock.now())
    const verdict = judge(other.records, page.records)
    await keep(learn(traits(), verdict, seen))
    if (verdict === 'partial') throw unstable('hides cancelled people')
    return page
  }

  /** An empty event teaches nothing. */
  const mayLearn = (request: PageRequest, page: P): boolean =>
    request.learn === true && request.page === 1 && page.records.length > 0 && probeDue(traits(), clock.now())

  /** The page that was asked for is there already: a probe that fails costs its call and an hour, not the pass. */
  async function tryProbe(
    list: ListName,
    eventId: string,
    page: { perPage: number },
  ): Promise<P | 'missing' | null> {
    let found: P | 'missing' | null = null
    try {
      found = await probe(list, eventId, page)
    } catch (error) {
      const passing =
        error instanceof StartlistError && ['transient', 'provider_bug', 'rate_limited'].includes(error.class)
      if (!passing) throw error
    }
    if (found === null) await keep(postponed(traits(), clock.now()))
    return found
  }

  async function contradicted(what: string): Promise<never> {
    await keep(forgotten(traits()))
    throw unstable(what)
  }

  return {
    /** A page of the list that is known to be the best; null when the provider does not know the event. */
    page: (eventId: string, request: PageRequest): Promise<P | null> =>
      traits().list === 'registrations'
        ? viaRegistrations(eventId, request)
        : viaParticipants(eventId, request),
  }
}

function unstable(what: string): StartlistError {
  return new StartlistError('UNSTABLE_LIST', `the list of registrations ${what}`, {
    hint: 'startlist learns anew which list to read; the next sync does it.',
  })
}
