import { type Answer, plain } from '../answer.ts'
import { failure } from './errors.ts'
import { type Listing, listParticipants, listRemoved } from './listing.ts'
import type { Logins } from './logins.ts'
import type { Presented } from './presented.ts'
import { listRaces, readRace } from './races.ts'
import type { Race } from './records.ts'
import type { Route } from './route.ts'
import type { Traits } from './traits.ts'
import type { World } from './world.ts'

/** An API request whose route is known. */
export interface ApiRequest {
  route: Route
  query: URLSearchParams
  /** the form that was posted */
  form: URLSearchParams
  presented: Presented
  traits: Traits
}

/** The API: who asks, for what, and what he may see (RunSignUp API notes 2.1 to 2.5). */
export class Api {
  readonly #world: World
  readonly #logins: Logins

  constructor(world: World, logins: Logins) {
    this.#world = world
    this.#logins = logins
  }

  answer(request: ApiRequest): Answer {
    const { route, traits, presented, query } = request
    if (route.endpoint === 'login') return this.#login(request)
    const refusal = this.#refusal(request)
    if (route.endpoint === 'races') {
      return refusal ? this.#racesOfNobody(request, refusal) : this.#races(request)
    }
    const race = this.#world.races.get(route.raceId ?? '')
    if (!race || race.deleted) return refusal ?? failure(201, traits)
    if (route.endpoint === 'race') {
      const open = presented.form === 'none' && isPublic(race) && traits.dialect === 'runsignup'
      if (refusal && !open) return refusal
      if (!open && !isPublic(race) && race.accountId !== presented.accountId) return failure(7, traits)
      return readRace(this.#world, race, query)
    }
    if (refusal) return refusal
    if (race.accountId !== presented.accountId) return failure(7, traits)
    return this.list(race, request)
  }

  /** A page of participants or removed ones, without asking whether the client may see them. */
  list(race: Race, { route, query, traits }: ApiRequest): Answer {
    const ids = (query.get('event_id') ?? '').split(',').filter((id) => id !== '')
    if (ids.length === 0) return failure(3, traits)
    const own = this.#world.eventsOf(race.id)
    const events = [...new Set(ids)].map((id) => own.find((event) => event.id === id))
    const known = events.filter((event) => event !== undefined)
    if (known.length < events.length) return failure(301, traits)
    const listing: Listing = { race, events: known, query, traits }
    return route.endpoint === 'removed' ? listRemoved(listing) : listParticipants(listing)
  }

  /** Why the client is refused, whatever it asks for; null when its key is good. */
  #refusal({ presented: { form, accountId }, query, traits }: ApiRequest): Answer | null {
    const raceEntry = traits.dialect === 'raceentry'
    if (form === 'none') return failure(raceEntry ? 102 : 13, traits)
    if (accountId === null || (raceEntry && form !== 'login')) return failure(6, traits)
    if (form !== 'login') return null
    const good = this.#logins.use(query.get('tmp_key') ?? '', this.#world.now(), traits.loginLifetime)
    return good ? null : failure(raceEntry ? 102 : 6, traits)
  }

  /** Without a key, the nation; with a wrong one, what the traits say; an ended login is always told so. */
  #racesOfNobody(request: ApiRequest, refusal: Answer): Answer {
    const { query, traits, presented } = request
    if (traits.dialect === 'raceentry' || !['none', 'v1', 'v2'].includes(presented.form)) return refusal
    switch (presented.form === 'none' ? 'nation' : traits.wrongKeyRaces) {
      case 'refused':
        return refusal
      case 'none':
        return listRaces(this.#world, [], query, traits)
      case 'nation':
        return this.#races({ ...request, presented: { form: 'none', accountId: null } })
    }
  }

  /** The account's races; for nobody, all that are public. */
  #races({ presented: { accountId }, query, traits }: ApiRequest): Answer {
    const races = [...this.#world.races.values()].filter(
      (race) => !race.deleted && (accountId === null ? isPublic(race) : race.accountId === accountId),
    )
    return listRaces(this.#world, races, query, traits)
  }

  /** `POST /login`: a new pair ends the one before. */
  #login({ query, form, traits }: ApiRequest): Answer {
    const given = (name: string) => form.get(name) ?? query.get(name)
    const account = this.#world.accounts
      .values()
      .find(({ email, password }) => given('email') === email && given('password') === password)
    if (!account) return failure(6, traits)
    const pair = this.#logins.issue(account.id, this.#world.now() + traits.loginLifetime * 1000)
    return plain(200, { tmp_key: pair.key, tmp_secret: pair.secret, user: { email: account.email } })
  }
}

const isPublic = (race: Race): boolean => !race.isDraft && !race.isPrivate
