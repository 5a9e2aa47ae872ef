import { afterAll, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { Recording } from '../../src/domain/recording.ts'
import { runsignupUses } from '../../src/providers/runsignup/uses.ts'
import { isMarked, readRecording } from '../../src/simulator/index.ts'
import type { Traits } from '../../src/simulator/runsignup/traits.ts'
import { recordingOf } from '../../src/sync/verify/record.ts'
import { START } from '../helpers/installation.ts'
import { installRunSignUp, type RaceInstallation } from '../helpers/runsignup.ts'
import { runVerify } from '../sync/verify/run-verify.ts'

const DAY = 86_400_000

const opened: RaceInstallation[] = []
afterAll(async () => {
  for (const one of opened) await one.stop()
})

/** The same people each time. */
async function contact(options: { traits?: Partial<Traits>; recording?: Recording }) {
  const place = await installRunSignUp({ clock: new VirtualClock(START), ...options })
  opened.push(place)
  const { world: w, account, accountId, partnerId, credentialId } = place
  for (const [i, participants] of [130, 7].entries()) {
    const race = w.addRace(account)
    w.addEvent(race, { startsAt: w.now() + (5 + i) * DAY, participants })
  }
  const at = { accountId, partnerId, credentialIds: [credentialId] }
  const { exchanges } = await runVerify(place, at)
  return { recording: recordingOf('runsignup', runsignupUses, exchanges), server: place.server }
}

const ODD: [name: string, traits: Partial<Traits>][] = [
  ['as it is by default', {}],
  ['with small pages, bibs as texts and corrals as objects', { pageCap: 100, bib: 'text', corral: 'object' }],
  ['about one event that is no array, and nulls for nobody', { shape: 'object', empty: 'null' }],
]

it.each(ODD)(
  'a contact %s is recorded, played and recorded again: both are equal',
  async (_, traits) => {
    const first = await contact({ traits })
    const again = await contact({
      recording: readRecording(`${JSON.stringify(first.recording)}\n`, 'runsignup'),
    })
    expect(again.recording).toEqual(first.recording)
  },
  60_000,
)

it('is played by the recording, and not by default', async () => {
  const traits = { pageCap: 100, bib: 'text', corral: 'object', shape: 'object' } as const
  const { recording } = await contact({ traits: { ...traits, pageCap: 5 } })
  const { server } = await contact({ recording })
  expect(server.traits).toMatchObject({ ...traits, pageCap: 5 })
}, 60_000)

it('holds no value of an answer', async () => {
  const { recording } = await contact({})
  expect(isMarked(JSON.stringify(recording))).toBe(false)
})
