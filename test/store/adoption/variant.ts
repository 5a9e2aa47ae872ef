import { Rng } from '../../../src/simulator/index.ts'

/** How a legacy database differs from its siblings: the scripts that made them disagree. */
export interface Variant {
  seed: number
  /** `timing_partners (id, name)` and `providers (id, provider_name)` instead of this release's names. */
  otherNames: boolean
  /** `event_status` instead of `status`. */
  eventStatus: boolean
  /** `distance` of type varchar. */
  textDistance: boolean
  /** The constraint that was once added by hand to `haku_participants`. */
  constraint: boolean
  /** Which provider got which id. */
  providers: readonly string[]
  /** UNIQUE (timing_partner_id, provider_id) on credentials; without it some are there twice. */
  oneCredential: boolean
  /** Events without a timing partner. */
  nameless: boolean
  /** Participants of a partner that lacks the event. */
  lacking: boolean
  /** No foreign keys at all, and participants whose event nobody has. */
  orphans: boolean
  /** Registrations with several rows, bibs on older ones, empty and missing registration numbers. */
  doubled: boolean
  /** Rows copied in with their numbers, so that sequences lag behind. */
  lagging: boolean
  views: 'none' | 'ours' | 'others'
  /** Tables of RunSignUp. */
  runsignup: boolean
}

const PROVIDERS = ['RunSignUp', 'ChronoTrack', 'Race Roster', 'Haku', 'Copernico']

export const PLAIN: Variant = {
  seed: 1,
  otherNames: false,
  eventStatus: false,
  textDistance: false,
  constraint: false,
  providers: PROVIDERS,
  oneCredential: true,
  nameless: false,
  lacking: false,
  orphans: false,
  doubled: false,
  lagging: false,
  views: 'ours',
  runsignup: true,
}

/** Those that change no row, by name. */
export const VARIANTS: readonly [name: string, variant: Partial<Variant>][] = [
  ['as most scripts have it', {}],
  ['with the other names of partners and providers', { otherNames: true }],
  ['with event_status and a text for a distance', { eventStatus: true, textDistance: true }],
  ['with the constraint that was added by hand', { constraint: true }],
  ['with provider ids in another order', { providers: ['Haku', 'Copernico', 'RunSignUp'] }],
  ['with sequences that lag', { lagging: true }],
  ['without views', { views: 'none' }],
  ['with views over other providers', { views: 'others' }],
  ['without RunSignUp', { runsignup: false }],
]

/** A combination by chance; the same seed is the same combination with the same rows. */
export function variantOf(seed: number): Variant {
  const rng = new Rng(seed)
  const yes = () => rng.chance(0.5)
  return {
    seed,
    otherNames: yes(),
    eventStatus: yes(),
    textDistance: yes(),
    constraint: yes(),
    providers: rng.sample(PROVIDERS, PROVIDERS.length),
    oneCredential: yes(),
    nameless: yes(),
    lacking: yes(),
    orphans: rng.chance(0.3),
    doubled: yes(),
    lagging: yes(),
    views: rng.pick(['none', 'ours', 'others']),
    runsignup: rng.chance(0.7),
  }
}
