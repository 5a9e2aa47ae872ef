import { afterAll, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { Recording } from '../../src/domain/recording.ts'
import { hakuUses } from '../../src/providers/haku/uses.ts'
import {
  type Haku,
  isMarked,
  readRecording,
  startHaku,
  type Traits,
  world,
} from '../../src/simulator/index.ts'
import { recordingOf } from '../../src/sync/verify/record.ts'
import { type Installation, install, START } from '../helpers/installation.ts'
import { runVerify } from '../sync/verify/run-verify.ts'

const DAY = 86_400_000

/** The same people each time. */
function scene() {
  const clock = new VirtualClock(START)
  const place = world({ clock, seed: 21 })
  const organization = place.addOrganization()
  place.addEvent(organization, { participants: 130, startsAt: place.now() + 5 * DAY })
  place.addEvent(organization, { participants: 7, startsAt: place.now() + 6 * DAY })
  return { clock, place, organization }
}

const opened: Installation[] = []
afterAll(async () => {
  for (const one of opened) await one.stop()
})

async function contact(options: {
  traits?: Partial<Traits>
  recording?: Recording
}): Promise<{ recording: Recording; haku: Haku }> {
  const { clock, place, organization } = scene()
  const installation = await install({ clock, world: place, ...options })
  opened.push(installation)
  const partnerId = await installation.addPartner('Lantern Timing')
  const credentialId = await installation.addCredential(
    partnerId,
    organization.clientId,
    organization.secrets[0] ?? '',
  )
  const accountId = await installation.accountOf(organization.clientId)
  const { exchanges } = await runVerify(installation, { accountId, partnerId, credentialIds: [credentialId] })
  return { recording: recordingOf('haku', hakuUses, exchanges), haku: installation.haku }
}

const ODD: [name: string, traits: Partial<Traits>][] = [
  ['as it is by default', {}],
  [
    'with whole lists, wrapped and counted, in numbers',
    {
      ...{
        pageCap: 100,
        envelope: 'data',
        totals: 'meta',
        registrationsList: 'whole',
        authorization: 'bearer',
      },
      ...{ registrationNumber: 'number', money: 'number', emergencyPhoneField: 'emergency_contact_phone' },
      ...{ eventDate: 'offset', stampZone: 'offset', stampPrecision: 'millis', categoryInfo: 'object' },
    },
  ],
  [
    'with refused sizes, no stamps, and dates without a time',
    {
      ...{ pageCap: 25, pageCapMode: 'reject', envelope: 'own', totals: 'root', listStamp: false },
      ...{ registrationsList: 'thin', authorization: 'both', eventDate: 'midnight', stampZone: 'none' },
      ...{ money: 'null' },
    },
  ],
]

it.each(ODD)(
  'a contact %s is recorded, played and recorded again: both are equal',
  async (_, traits) => {
    const first = await contact({ traits })
    const again = await contact({ recording: readRecording(`${JSON.stringify(first.recording)}\n`) })
    expect(again.recording).toEqual(first.recording)
    // By the recording, and not by default.
    for (const [name, value] of Object.entries(traits))
      expect(again.haku.traits, name).toMatchObject({ [name]: value })
  },
  60_000,
)

it('holds no value of an answer', async () => {
  const { recording, haku } = await contact({ traits: { registrationsList: 'whole' } })
  const text = JSON.stringify(recording)
  expect(isMarked(text)).toBe(false)
  const people = [...haku.truth().values()].flatMap(({ registrations }) => [...registrations.keys()])
  expect(people.length).toBeGreaterThan(100)
  expect(people.filter((number) => text.includes(`"${number}"`))).toEqual([])
})

it.each(['', '{"format":"startlist-recording/1","provider":"runsignup","calls":{}}\n', '{"format":"other"}'])(
  'is refused where a file has none: %s',
  (text) => {
    expect(() => readRecording(text)).toThrow(/no recording of haku/)
  },
)

it('is a setting of the simulator on which traits come on top', async () => {
  const { recording } = await contact({ traits: { envelope: 'own' } })
  const haku = await startHaku({ world: scene().place, recording, traits: { money: 'null' } })
  expect(haku.traits).toMatchObject({ envelope: 'own', money: 'null' })
  await haku.stop()
})
