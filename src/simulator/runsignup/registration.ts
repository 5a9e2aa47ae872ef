import { inventEmail, inventName } from '../names.ts'
import type { Rng } from '../random.ts'

export interface Address {
  street: string
  city: string
  state: string
  zipcode: string
  /** ISO 3166-1, two letters */
  countryCode: string
}

/** Who runs: everything under `user` of a row (RunSignUp API notes 2.4). */
export interface Runner {
  userId: number
  firstName: string
  middleName: string | null
  lastName: string
  email: string
  address: Address
  /** `YYYY-MM-DD` */
  dob: string | null
  gender: 'M' | 'F' | 'X'
  phone: string | null
}

export interface Team {
  id: number
  name: string
  type: string
  /** `M`, `F`, `C` or empty */
  gender: string
  bib: string | null
}

export interface AddOn {
  id: number
  name: string
  quantity: number
  /** decimal text such as `25.00` */
  amount: string
}

/** One registration of one person in one event, as the provider keeps it. Instants are epoch milliseconds. */
export interface Registration {
  /** digits; unique among all events of the provider */
  readonly id: string
  readonly transactionId: number
  runner: Runner
  bib: string | null
  chip: string | null
  /** age as the person stated it, for those without a birth date */
  statedAge: number
  team: Team | null
  corral: { id: number; name: string } | null
  giveaway: string | null
  /** decimal text such as `55.00` */
  amount: string
  addOns: AddOn[]
  emergency: { name: string; phone: string }
  imported: boolean
  /** came with the registration for an event that contains this one */
  readonly viaBundle: boolean
  checkedInAt: number | null
  readonly registeredAt: number
  modifiedAt: number
}

/** Why a registration is no longer in its event. */
export const REASONS = ['cleared', 'removed', 'transferred', 'deferred'] as const
export type Reason = (typeof REASONS)[number]

/** A registration that was taken out of its event. */
export interface Removal {
  /** as it last was */
  registration: Registration
  reason: Reason
  /** epoch ms */
  at: number
  /** what a transfer became */
  newId: string | null
}

const two = (n: number) => String(n).padStart(2, '0')

/** The provider's one spelling of a phone number, with the marked exchange. */
export function inventPhone(rng: Rng): string {
  return `999-555-7${String(rng.int(1000)).padStart(3, '0')}`
}

/** A new person, all of whose personal data is marked. */
export function inventRunner(rng: Rng, userId: number): Runner {
  const name = inventName(rng)
  return {
    userId,
    firstName: name.first,
    middleName: rng.chance(0.2) ? inventName(rng).first : null,
    lastName: name.last,
    email: inventEmail(rng),
    address: {
      street: `${1 + rng.int(999)} Zqxj${rng.pick(['wood', 'field', 'mill'])} Street`,
      city: `Zqxj${rng.pick(['ville', 'burgh', 'stad', 'ñales'])}`,
      state: rng.pick(['NJ', 'PA', 'SD', 'TX', '']),
      zipcode: String(10_000 + rng.int(89_999)),
      countryCode: rng.pick(['US', 'US', 'US', 'CA', 'DE']),
    },
    dob: rng.chance(0.02) ? null : `${1940 + rng.int(75)}-${two(1 + rng.int(12))}-${two(1 + rng.int(28))}`,
    gender: rng.chance(0.48) ? 'M' : rng.chance(0.94) ? 'F' : 'X',
    phone: rng.chance(0.05) ? null : inventPhone(rng),
  }
}

/** What a fresh registration is told. */
export interface NewRegistration {
  id: string
  transactionId: number
  runner: Runner
  registeredAt: number
  bib: string | null
  viaBundle: boolean
}

const CORRALS = ['A', 'B', 'C']
const TEAMS = ['Harbor Striders', 'Équipe Nord', '早朝会', "Runners' Club"]

/** Invents what is not given. */
export function inventRegistration(rng: Rng, about: NewRegistration): Registration {
  const contact = inventName(rng)
  const team = rng.int(TEAMS.length)
  const corral = rng.int(CORRALS.length)
  return {
    ...about,
    chip: rng.chance(0.3) ? rng.hex(8).toUpperCase() : null,
    statedAge: 10 + rng.int(70),
    team: rng.chance(0.15)
      ? {
          id: 7_000 + team,
          name: TEAMS[team] as string,
          type: rng.pick(['Family', 'Corporate']),
          gender: rng.pick(['M', 'F', 'C', '']),
          bib: null,
        }
      : null,
    corral: rng.chance(0.5) ? { id: 300 + corral, name: `Corral ${CORRALS[corral]}` } : null,
    giveaway: rng.chance(0.9) ? `Shirt ${rng.pick(['S', 'M', 'L', 'XL'])}` : null,
    amount: `${rng.chance(0.02) ? 1000 + rng.int(3000) : rng.int(250)}.${rng.pick(['00', '50', '95', '07'])}`,
    addOns: rng.chance(0.1) ? [{ id: 90, name: 'Parking', quantity: 1 + rng.int(2), amount: '12.00' }] : [],
    emergency: { name: `${contact.first} ${contact.last}`.trim(), phone: inventPhone(rng) },
    imported: rng.chance(0.05),
    checkedInAt: null,
    modifiedAt: about.registeredAt,
  }
}
