import { inventEmail, inventName, inventPhone, MARKERS } from './names.ts'
import type { Rng } from './random.ts'

export interface Address {
  line1: string
  line2: string | null
  city: string
  state: string
  zip: string
  country: string
}

/** Who runs: everything under `participant` in the detail (Haku API notes 1.4). */
export interface Person {
  firstName: string
  lastName: string
  middleInitial: string | null
  email: string
  phone: string | null
  /** `YYYY-MM-DD` */
  dob: string | null
  gender: string | null
  accountNumber: string
  address: Address
}

/** One of a registration's categories; `tagNumber` is the bib (Haku API notes 1.4). */
export interface Category {
  id: string
  name: string
  isActive: boolean
  participationOption: string
  corral: string | null
  wave: string | null
  tagNumber: string | null
  chipNumber: string | null
  createdAt: number
  updatedAt: number
}

/** One registration of one person in one event, as the provider keeps it. Instants are epoch milliseconds. */
export interface Registration {
  readonly number: string
  person: Person
  personUpdatedAt: number
  categories: Category[]
  team: string | null
  /** decimal text such as `1234.50` */
  amount: string
  shirtSize: string | null
  emergency: { name: string; phone: string; relationship: string }
  registeredAt: number
  /** root stamp of the detail */
  updatedAt: number
  /** stamp of the list row, which also orders the list; lags `updatedAt` when a change does not show in the list */
  listUpdatedAt: number
  cancelledAt: number | null
  isCancelled: boolean
  /** absent from the lists while the detail still answers */
  hidden: boolean
  /** what the list row says instead of its stamp, when that is broken */
  brokenStamp?: string | null
}

const DAY = 86_400_000

/** A new person, all of whose personal data is marked. */
export function inventPerson(rng: Rng): Person {
  const name = inventName(rng)
  const year = 1940 + rng.int(75)
  const two = (n: number) => String(n).padStart(2, '0')
  return {
    firstName: name.first,
    lastName: name.last,
    middleInitial: rng.chance(0.2) ? MARKERS.oneLetter : null,
    email: inventEmail(rng),
    phone: rng.chance(0.05) ? null : inventPhone(rng),
    dob: rng.chance(0.01) ? null : `${year}-${two(1 + rng.int(12))}-${two(1 + rng.int(28))}`,
    gender: rng.chance(0.48) ? 'Male' : rng.chance(0.92) ? 'Female' : rng.pick(['Non-binary', 'X', null]),
    accountNumber: String(100_000 + rng.int(900_000)),
    address: {
      line1: `${1 + rng.int(999)} Zqxj${rng.pick(['wood', 'field', 'mill'])} Street`,
      line2: rng.chance(0.1) ? `Zqxj Apt ${rng.int(90)}` : null,
      city: `Zqxj${rng.pick(['ville', 'burgh', 'stad', 'ñales'])}`,
      state: rng.pick(['NY', 'CA', 'HI', 'FL', '']),
      zip: String(10_000 + rng.int(89_999)),
      country: rng.pick(['US', 'US', 'US', 'CA', 'DE', 'JP']),
    },
  }
}

/** What a fresh registration needs to know of its event. */
export interface NewRegistration {
  number: string
  registeredAt: number
  categories: readonly string[]
  bib: string | null
  person?: Partial<Person>
}

function category(rng: Rng, id: number, name: string, bib: string | null, at: number): Category {
  return {
    id: String(id),
    name,
    isActive: true,
    participationOption: rng.pick(['In Person', 'In Person', 'Virtual']),
    corral: rng.chance(0.5) ? rng.pick(['A', 'B', 'C']) : null,
    wave: rng.chance(0.5) ? `Wave ${1 + rng.int(4)}` : null,
    tagNumber: bib,
    chipNumber: rng.chance(0.3) ? rng.hex(8).toUpperCase() : null,
    createdAt: at,
    updatedAt: at,
  }
}

/** Invents a registration; some have two categories, of which the second alone may carry the bib. */
export function inventRegistration(rng: Rng, about: NewRegistration): Registration {
  const at = about.registeredAt
  const first = rng.int(about.categories.length)
  const both = about.categories.length > 1 && rng.chance(0.05)
  const bibOnSecond = both && rng.chance(0.5)
  const categories = [
    category(rng, 500 + first, about.categories[first] as string, bibOnSecond ? null : about.bib, at),
  ]
  if (both) {
    const second = (first + 1) % about.categories.length
    const name = about.categories[second] as string
    categories.push(category(rng, 500 + second, name, bibOnSecond ? about.bib : null, at))
  }
  const contact = inventName(rng)
  return {
    number: about.number,
    person: { ...inventPerson(rng), ...about.person },
    personUpdatedAt: at,
    categories,
    team: rng.chance(0.15) ? rng.pick(['Harbor Striders', 'Équipe Nord', '早朝会', "Runners' Club"]) : null,
    amount: `${rng.chance(0.02) ? 1000 + rng.int(3000) : rng.int(250)}.${rng.pick(['00', '50', '95', '07'])}`,
    shirtSize: rng.chance(0.9) ? rng.pick(['XS', 'S', 'M', 'L', 'XL', '2XL']) : null,
    emergency: {
      name: `${contact.first} ${contact.last}`.trim(),
      phone: inventPhone(rng),
      relationship: rng.pick(['Spouse', 'Parent', 'Friend']),
    },
    registeredAt: at,
    updatedAt: at,
    listUpdatedAt: at,
    cancelledAt: null,
    isCancelled: false,
    hidden: false,
  }
}

/** The bib as P88 reads it: the tag number of the first category that has one (Haku API notes 1.4). */
export function bibOf(registration: Registration): string | null {
  return registration.categories.find((c) => c.tagNumber !== null)?.tagNumber ?? null
}

/** An instant in the `days` days before `now`, in whole milliseconds. */
export function someTimeBefore(rng: Rng, now: number, days: number): number {
  return now - 1 - rng.int(days * DAY)
}
