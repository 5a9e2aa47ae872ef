import { afterAll, beforeAll, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { type Traits, type World, world } from '../../../src/simulator/index.ts'
import { type Installation, install, START } from '../../helpers/installation.ts'
import { type Choices, extend, product } from '../covering.ts'
import { runVerify } from './run-verify.ts'

const EVERY = {
  cap: [
    { pageCap: 25, pageCapMode: 'silent' },
    { pageCap: 25, pageCapMode: 'reject' },
    { pageCap: 100, pageCapMode: 'silent' },
    { pageCap: 500, pageCapMode: 'silent' },
  ],
  registrationsList: ['whole', 'thin', 'missing'],
} as const satisfies Choices

const PAIRED = {
  envelope: ['bare', 'own', 'participants', 'data'],
  listStamp: [true, true, false],
  totals: ['none', 'root', 'meta', 'pagination'],
  eventDate: ['local', 'localIso', 'utc', 'offset', 'date', 'midnight', 'null'],
  stampZone: ['Z', 'offset', 'none'],
  authorization: ['bare', 'bearer', 'both'],
  emergencyPhoneField: ['emergency_contact_phone_number', 'emergency_contact_phone'],
  registrationNumber: ['text', 'number'],
  pastEnd: ['empty', 'clamp'],
  sort: ['honoured', 'honoured', 'ignored'],
} as const satisfies Choices

const COMBINATIONS = extend<typeof EVERY, typeof PAIRED>(product(EVERY), PAIRED)
type Combination = (typeof COMBINATIONS)[number]

/** What a date is called in an answer. */
const DATES: Record<Combination['eventDate'], string | null> = {
  local: 'date and time, no zone',
  localIso: 'date and time, no zone',
  utc: 'date and time, Z',
  offset: 'date and time, an offset',
  date: 'a date alone',
  midnight: 'midnight, no zone',
  null: null,
}

let installation: Installation
let place: World
beforeAll(async () => {
  const clock = new VirtualClock(START)
  place = world({ clock, seed: 12 })
  installation = await install({ clock, world: place })
})
afterAll(() => installation.stop())

async function accountFor({ cap, ...traits }: Combination, number: number) {
  const organization = place.addOrganization()
  const startsAt = '2026-05-23 07:00:00'
  place.addEvent(organization, { participants: 130, startsAt: '2026-05-20 07:00:00' })
  place.addEvent(organization, { participants: 6, startsAt })
  Object.assign(installation.haku.traitsOf(organization.clientId), {
    ...cap,
    ...traits,
  } satisfies Partial<Traits>)
  const partnerId = await installation.addPartner(`Timing ${number}`)
  const secret = organization.secrets[0] ?? ''
  const credentialId = await installation.addCredential(partnerId, organization.clientId, secret)
  const accountId = await installation.accountOf(organization.clientId)
  return { clientId: organization.clientId, accountId, partnerId, credentialIds: [credentialId] }
}

/** What the answers have to be, by the traits. */
function expected(chosen: Combination): Record<string, string | null> {
  const { cap, registrationsList, envelope, totals, listStamp, stampZone, authorization, sort } = chosen
  const key = (own: string) => (envelope === 'own' || envelope === 'bare' ? own : envelope)
  const isBare = envelope === 'bare' && totals === 'none'
  const form = (own: string) => `${own}: ${isBare ? 'a bare array' : `wrapped in "${key(own)}"`}`
  const asked =
    registrationsList === 'missing' ? ['events', 'participants'] : ['events', 'participants', 'registrations']
  const also = registrationsList === 'missing' ? '' : ` and /registrations (${registrationsList} records)`
  const zone = { Z: 'Z', offset: 'an offset', none: 'no zone' }[stampZone]
  const caps = { 25: '25', 100: '100', 500: 'at least 130' }
  return {
    version: 'without /v1',
    authorization,
    'page-cap': cap.pageCapMode === 'reject' ? 'at least 25, less than 50' : caps[cap.pageCap],
    'list-path': `/participants (thin records)${also}`,
    envelope: asked.map(form).join('; '),
    totals: totals === 'none' ? 'no' : 'yes',
    'list-updated-at': listStamp ? `yes: date and time, ${zone}` : 'no',
    'list-order': listStamp ? (sort === 'honoured' ? 'yes' : 'no') : null,
    'event-date': DATES[chosen.eventDate],
    'event-zone': 'no',
    'emergency-phone': chosen.emergencyPhoneField,
    'single-read': 'yes',
    'number-unique': null,
    transfer: null,
  }
}

it.each(COMBINATIONS.map((chosen, number) => ({ chosen, number })))(
  'tells shape $number of the provider as it is',
  async ({ chosen, number }) => {
    const account = await accountFor(chosen, number)
    const { last } = installation.haku.calls
    const found = await runVerify(installation, account)
    const hint = JSON.stringify(chosen)
    const calls = installation.haku.calls.count({ afterCall: last })
    expect(calls, hint).toBe(found.ledger)
    expect(calls, hint).toBeLessThan(30)
    const wanted = expected(chosen)
    const told = Object.fromEntries(Object.keys(wanted).map((name) => [name, found.answers.get(name)]))
    expect(told, hint).toEqual(wanted)
    // Stamps that come in no order leave a poll no line to read down to.
    const isUnordered = chosen.sort === 'ignored' && chosen.listStamp
    const troubles = found.states.filter((state) => !state.startsWith('ok'))
    expect(troubles, hint).toEqual(isUnordered ? ['fail poll'] : [])
  },
  60_000,
)
