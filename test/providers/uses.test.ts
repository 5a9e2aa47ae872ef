import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import { type Exchange, notingExchanges } from '../../src/providers/exchange.ts'
import { toEventRows } from '../../src/providers/haku/event.ts'
import { toListRows } from '../../src/providers/haku/list-rows.ts'
import { haku } from '../../src/providers/haku/provider.ts'
import { hakuUses } from '../../src/providers/haku/uses.ts'
import { routeOf } from '../../src/providers/route.ts'
import { toRegistrationRows } from '../../src/providers/runsignup/participants.ts'
import { runsignup } from '../../src/providers/runsignup/provider.ts'
import { toRaces } from '../../src/providers/runsignup/races.ts'
import { toRemovedRows } from '../../src/providers/runsignup/removed.ts'
import { runsignupUses } from '../../src/providers/runsignup/uses.ts'
import type { ApiUses } from '../../src/providers/uses.ts'
import { world } from '../../src/simulator/index.ts'
import { type Installation, install, START } from '../helpers/installation.ts'
import { installRunSignUp, type RaceInstallation } from '../helpers/runsignup.ts'
import { tracing } from '../helpers/tracing.ts'

const DAY = 86_400_000

/** Paths and parameters of the requests that were made, by call. */
function sent(uses: ApiUses, exchanges: readonly Exchange[]) {
  const calls = new Map<string, Map<string, Set<string>>>()
  for (const exchange of exchanges) {
    if (exchange.method === 'POST') continue
    const route = routeOf(uses, exchange) ?? `unknown: ${exchange.method} ${exchange.path}`
    const query = calls.get(route) ?? new Map<string, Set<string>>()
    calls.set(route, query)
    for (const [name, value] of Object.entries(exchange.query))
      query.set(name, (query.get(name) ?? new Set()).add(value))
  }
  return calls
}

/** Where declaration and requests differ, both ways. */
function differences(uses: ApiUses, exchanges: readonly Exchange[]): string[] {
  const calls = sent(uses, exchanges)
  const found: string[] = []
  for (const route of calls.keys()) if (route.startsWith('unknown')) found.push(route)
  for (const { method, path, query } of uses.calls) {
    const route = `${method} ${path}`
    const made = calls.get(route)
    if (made === undefined) found.push(`${route} was never made`)
    for (const name of made?.keys() ?? [])
      if (!query.some((use) => use.name === name)) found.push(`${route} sends ${name}, undeclared`)
    for (const use of query) {
      const values = [...(made?.get(use.name) ?? [])]
      if (values.length === 0) found.push(`${route} never sends ${use.name}`)
      if (use.most !== undefined && !values.some((value) => Number(value) === use.most))
        found.push(`${route} never asks for ${use.name}=${use.most}, but for ${values.join()}`)
      if (use.most !== undefined && values.some((value) => Number(value) > (use.most ?? 0)))
        found.push(`${route} asks for more than ${use.name}=${use.most}`)
      for (const value of values)
        if (use.values !== undefined && !use.values.includes(value))
          found.push(`${route} sends ${use.name}=${value}, undeclared`)
    }
  }
  return found
}

describe('what an adapter declares to use is what it asks for', () => {
  let first: Installation
  let second: RaceInstallation
  beforeAll(async () => {
    const clock = new VirtualClock(START)
    const place = world({ clock, seed: 8 })
    const organization = place.addOrganization()
    place.addEvent(organization, { participants: 3, startsAt: place.now() + 9 * DAY })
    first = await install({ clock, world: place })
    const partnerId = await first.addPartner('Lantern Timing')
    await first.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
    second = await installRunSignUp({ clock })
    second.world.addEvent(second.world.addRace(second.account), { participants: 3 })
  })
  afterAll(async () => {
    await first.stop()
    await second.stop()
  })

  it('of Haku', async () => {
    const exchanges: Exchange[] = []
    first.services.fetch = notingExchanges(exchanges, first.clock)
    const [{ clientId = '' } = {}] = first.haku.world.organizations.values()
    await first.discover(clientId)
    await first.sync(clientId)
    expect(differences(hakuUses, exchanges)).toEqual([])
  })

  it('of RunSignUp', async () => {
    const exchanges: Exchange[] = []
    second.services.fetch = notingExchanges(exchanges, second.clock)
    await second.discover()
    await second.sync()
    // A poll, and a single read of somebody who is gone without a word.
    second.clock.advance(3_600_000)
    await second.sync()
    const { db } = second
    const row = { race_id: 0, event_id: 0, registration_id: 4_000_000 }
    const known = await db.selectFrom('runsignup_participants').selectAll().executeTakeFirstOrThrow()
    const { id: _, ...rest } = known as typeof known & { id: unknown }
    await db
      .insertInto('runsignup_participants')
      .values({ ...rest, registration_id: String(row.registration_id) } as never)
      .execute()
    second.clock.advance(3_600_000)
    await second.sync({ full: true })
    expect(differences(runsignupUses, exchanges)).toEqual([])
  })
})

/** All names of a declaration, of calls with these paths. */
const declared = (uses: ApiUses, paths: RegExp) =>
  new Set(uses.calls.filter(({ path }) => paths.test(path)).flatMap(({ reads }) => reads.flat()))

/** What is read besides fields: the objects in which they stand. */
function leaves(reads: ReadonlySet<string>): string[] {
  const all = [...reads].sort()
  return all.filter(
    (path) => !all.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[]`)),
  )
}

describe('what an adapter declares to read is what its mapping looks at', () => {
  it('of a Haku event', () => {
    const reads = new Set<string>()
    toEventRows([tracing({ id: 'a' }, reads)])
    expect(leaves(reads)).toEqual([...declared(hakuUses, /^\/events$/)].sort())
  })

  it('of a Haku registration', () => {
    const reads = new Set<string>()
    const parts = { participant: { address: {} }, event_categories: [{}, {}] }
    const trace = (record: JsonObject) => tracing(record, reads)
    haku.map({ list: trace({ ...parts }), detail: trace({ ...parts }) }, false)
    haku.map({ list: trace({ is_cancelled: true }), detail: trace({ ...parts, is_cancelled: true }) }, true)
    toListRows([trace({ registration_number: '1' })])
    expect(leaves(reads)).toEqual([...declared(hakuUses, /^\/events\/.+/)].sort())
  })

  it('of a RunSignUp registration', () => {
    const reads = new Set<string>()
    const list = tracing({ user: { address: {} }, corral: {}, corrals: [{}] }, reads)
    runsignup.map({ list, detail: null }, false)
    toRegistrationRows([
      { event: { event_id: 1 }, participants: [tracing({ registration_id: 5, event_id: 1 }, reads)] },
    ])
    toRemovedRows([{ event: { event_id: 1, participants: [tracing({ registration_id: 5 }, reads)] } }])
    // Written by startlist itself.
    reads.delete('listed_under_event_id')
    expect(leaves(reads)).toEqual([...declared(runsignupUses, /participants$/)].sort())
  })

  it('of a RunSignUp race', () => {
    const reads = new Set<string>()
    toRaces({
      races: [
        { race: tracing({ race_id: 1, events: [{ event_id: 1, registration_periods: [{}] }] }, reads) },
      ],
    })
    runsignup.readEvent('1', {}, tracing({ address: {} }, reads))
    // The race's own fields are read of a copy, which cannot be watched; without them it is only called by its id.
    reads.add('name')
    expect(leaves(reads)).toEqual([...declared(runsignupUses, /^\/races$/)].sort())
  })
})
