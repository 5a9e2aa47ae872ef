import type { Hang } from './line.ts'
import type { ProviderFailure, SimulatedProvider } from './provider/provider.ts'
import type { Happening, Scenario } from './scenario.ts'
import type { SimulatedWorld } from './world.ts'

/** What befalls startlist itself, for the driver to do at its instant. */
export type OwnHappening = Extract<Happening, { what: 'restart' | 'kill' | 'jump' }>

/** A spell in which polls cannot be on time, of one account or (null) of all. Instants are ms since the epoch. */
export interface Excuse {
  from: number
  until: number
  clientId: string | null
}

/** The longest wait for a probe of a race that is near, and the turn behind it (N4). */
const PROBED_AFTER_MS = 150_000
/** A turn is taken over within 25 s (N3), and every list is owed a poll by then. */
const TAKEN_OVER_AFTER_MS = 33_000

/** What lies ahead in a scenario. */
export interface Ahead {
  hangs: Hang[]
  excuses: Excuse[]
  /** soonest first */
  own: OwnHappening[]
}

/** Arranges at the provider what a scenario wants to happen there, and says what else is to happen. */
export function arrange({ provider, accounts }: SimulatedWorld, scenario: Scenario): Ahead {
  const ahead: Ahead = { hangs: [], excuses: [], own: [] }
  const clientOf = (name: string | undefined) =>
    accounts.find((account) => account.name === name)?.clientId ?? null
  for (const happening of scenario.happenings) {
    const from = scenario.start + happening.at
    switch (happening.what) {
      case 'outage':
      case 'throttle': {
        const clientId = clientOf(happening.account)
        const until = from + happening.for
        provider.fail({ from, until, clientId, fault: faultOf(happening) })
        if (happening.what === 'outage' && happening.how === 'hang') ahead.hangs.push({ from, until })
        ahead.excuses.push({ from, until: until + PROBED_AFTER_MS, clientId })
        break
      }
      case 'refuse': {
        const clientId = clientOf(happening.account)
        if (clientId !== null) refuseAt(provider, clientId, from)
        ahead.excuses.push({ from, until: Number.POSITIVE_INFINITY, clientId })
        break
      }
      case 'restart':
      case 'kill':
        ahead.excuses.push({ from, until: from + happening.down + TAKEN_OVER_AFTER_MS, clientId: null })
        ahead.own.push(happening)
        break
      case 'jump':
        ahead.own.push(happening)
        break
    }
  }
  ahead.own.sort((a, b) => a.at - b.at)
  return ahead
}

function faultOf(happening: Extract<Happening, { what: 'outage' | 'throttle' }>): ProviderFailure['fault'] {
  if (happening.what === 'outage')
    return happening.how === '503' ? { kind: 'status', status: 503 } : { kind: 'reset' }
  const { retryAfter } = happening
  return {
    kind: 'throttle',
    ...(retryAfter !== undefined && { retryAfter: Math.ceil(retryAfter / 1_000) }),
  }
}

function refuseAt(provider: SimulatedProvider, clientId: string, at: number): void {
  provider.at(at, (moves) => moves.changeSecrets(clientId))
}
