import { systemClock } from '../../src/domain/clock.ts'
import { startRunSignUp, world } from '../../src/simulator/runsignup/index.ts'

/** The provider's side, in a process of its own, so that its memory is not counted with startlist's. */

/** How much of everything there is. */
export interface Size {
  partners: number
  races: number
  events: number
  participants: number
}

/** What the other process needs to know. */
export interface Ready {
  apiUrl: string
  keys: { key: string; secret: string }[]
  /** by account: its races, each with its events */
  races: { raceId: string; eventIds: string[] }[][]
}

process.once('message', (size: Size) => {
  void serve(size).then((ready) => process.send?.({ ready }))
})

async function serve(size: Size): Promise<Ready> {
  const w = world({ clock: systemClock, seed: 13 })
  const accounts = Array.from({ length: size.partners }, () => w.addAccount())
  let event = 0
  for (let i = 0; i < size.races; i++) {
    const account = accounts[i % accounts.length]
    if (account === undefined) continue
    const race = w.addRace(account)
    for (const last = share(size.events, size.races, i + 1); event < last; event++) {
      const participants =
        share(size.participants, size.events, event + 1) - share(size.participants, size.events, event)
      w.addEvent(race, { participants, startsAt: systemClock.now() + (30 + (i % 60)) * 86_400_000 })
    }
  }
  const server = await startRunSignUp({ world: w })
  process.on('message', () => process.send?.({ calls: server.calls.last }))
  const races = accounts.map((account) =>
    [...w.races.values()]
      .filter((race) => race.accountId === account.id)
      .map((race) => ({ raceId: race.id, eventIds: race.events.map(({ id }) => id) })),
  )
  const keys = accounts.map(
    (account) => account.keys.find(({ form }) => form === 'v2') ?? { key: '', secret: '' },
  )
  return { apiUrl: server.apiUrl, keys, races }
}

/** The first `part` of `parts` equal shares of a whole, in whole numbers. */
const share = (whole: number, parts: number, part: number) => Math.floor((whole * part) / parts)
