import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { driftSince } from '../../../src/store/shapes.ts'
import { type Race, race, stopRace } from '../crash/race.ts'

afterEach(stopRace)

async function writesOf(r: Race, work: () => Promise<unknown>): Promise<number> {
  const version = async () =>
    (
      await sql<{
        x: string
      }>`SELECT string_agg(xmin::text, ',' ORDER BY source) AS x FROM schema_shapes`.execute(r.db)
    ).rows[0]?.x
  const before = await version()
  await work()
  return (await version()) === before ? 0 : 1
}

it('a sync notes once what changed in the answers of an account, with the instant, and keeps no value', async () => {
  const r = await race({ participants: 60, traits: { registrationsList: 'missing' } })
  await r.settled()
  const { rows: sources } = await sql<{
    source: string
  }>`SELECT source FROM schema_shapes ORDER BY 1`.execute(r.db)
  expect(sources.map(({ source }) => source)).toEqual(['detail', 'events', 'list'])
  expect(await driftSince(r.db, 0, 100)).toEqual([])
  // The first 50 records of a source are learnt from.
  for (let sweeps = 0; sweeps < 4; sweeps++) await r.sync({ full: true })
  expect(await writesOf(r, () => r.sync({ full: true, details: true }))).toBe(0)

  r.haku.traits.money = 'number'
  r.haku.traits.emergencyPhoneField = 'emergency_contact_phone'
  const changedAt = r.clock.now()
  await r.sync({ full: true, details: true })
  const drifts = await driftSince(r.db, 0, 100)
  expect(drifts.every(({ firstSeen }) => firstSeen >= changedAt)).toBe(true)
  const told = drifts.map(({ source, drift, path }) => `${source} ${drift} ${path}`)
  expect(told.some((line) => /^detail appeared .*emergency_contact_phone$/.test(line))).toBe(true)
  expect(told.some((line) => /^detail vanished .*emergency_contact_phone_number$/.test(line))).toBe(true)
  expect(told.some((line) => line.startsWith('detail retyped'))).toBe(true)

  r.clock.advance(3_600_000)
  await r.sync({ full: true, details: true })
  expect(await driftSince(r.db, 0, 100)).toEqual(drifts)

  const kept = await sql<{ text: string }>`
    SELECT (SELECT string_agg(s::text, ' ') FROM schema_shapes s) || (SELECT string_agg(d::text, ' ') FROM schema_drift d) AS text`.execute(
    r.db,
  )
  const text = kept.rows[0]?.text ?? ''
  for (const { number, person } of r.event.registrations.values())
    for (const value of [number, person.email, person.lastName]) expect(text).not.toContain(value)
})
