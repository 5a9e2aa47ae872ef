import { afterEach, describe, expect, it } from 'vitest'
import { cancel, setBib, transferInPlace, transferToNew } from '../../src/simulator/index.ts'
import { feedFaults, feedOf, type Race, race, rowOf, stopRace } from './crash/race.ts'
import { WHOLE } from './decisions.ts'

afterEach(stopRace)

async function settled(): Promise<Race> {
  const r = await race({ traits: WHOLE })
  await r.settled()
  return r
}

async function newEntries(r: Race, work: () => Promise<unknown>) {
  const before = (await feedOf(r.db, r.event.id, r.partnerId)).length
  await work()
  return (await feedOf(r.db, r.event.id, r.partnerId)).slice(before)
}

describe('a bib that is freed and given to another', () => {
  it('within one page is two entries of the feed, the freed one first (D4)', async () => {
    const r = await settled()
    const [one, other] = [r.nth(3), r.nth(4)]
    setBib(r.world, r.event.id, other, null)
    setBib(r.world, r.event.id, one, '777')
    await r.poll()
    // The one who is given the bib stands above in the list: changed last.
    setBib(r.world, r.event.id, one, null)
    r.clock.advance(1000)
    setBib(r.world, r.event.id, other, '777')
    expect(await newEntries(r, () => r.poll())).toMatchObject([
      { key: one, fields: { bib_number: ['777', null] } },
      { key: other, fields: { bib_number: [null, '777'] } },
    ])
    expect(await feedFaults(r.db, r.event.id, r.partnerId)).toEqual([])
  })

  it('to a new registration by a transfer is given after it is freed', async () => {
    const r = await settled()
    const key = r.nth(3)
    setBib(r.world, r.event.id, key, '778')
    await r.poll()
    const successor = transferToNew(r.world, r.event.id, key)
    const entries = await newEntries(r, () => r.poll())
    expect(entries).toMatchObject([
      { key, change: 'cancelled', fields: { bib_number: ['778', null] } },
      { key: successor.number, change: 'added', fields: { bib_number: [null, '778'] } },
    ])
    expect(await r.differences()).toEqual([])
  })
})

describe('a person who does not start', () => {
  it('keeps the row with the status, cancelled or deferred, and stays listed (A4)', async () => {
    const r = await settled()
    const [cancelled, deferred] = [r.nth(3), r.nth(4)]
    cancel(r.world, r.event.id, cancelled)
    transferToNew(r.world, r.event.id, deferred, 'deferred')
    const entries = await newEntries(r, () => r.sweep())
    expect(entries.map(({ key, change }) => [key, change])).toEqual(
      expect.arrayContaining([
        [cancelled, 'cancelled'],
        [deferred, 'deferred'],
      ]),
    )
    expect(await rowOf(r.db, r.event.id, cancelled)).toMatchObject({
      registration_status: 'cancelled',
      removed: false,
    })
    expect(await rowOf(r.db, r.event.id, deferred)).toMatchObject({
      registration_status: 'deferred',
      removed: false,
    })
    expect(await r.differences()).toEqual([])
  })

  it('and passes the registration on leaves one row, which says who starts now', async () => {
    const r = await settled()
    const key = r.nth(3)
    const before = await rowOf(r.db, r.event.id, key)
    transferInPlace(r.world, r.event.id, key)
    const [entry] = await newEntries(r, () => r.poll())
    expect(entry).toMatchObject({
      key,
      change: 'changed',
      fields: { email: [before?.email, expect.anything()] },
    })
    expect(await rowOf(r.db, r.event.id, key)).toMatchObject({ registration_status: 'active' })
    expect(await r.differences()).toEqual([])
  })
})
