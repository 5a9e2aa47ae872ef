import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { canonicalJson } from '../../src/domain/fingerprint.ts'
import type { Json } from '../../src/domain/json.ts'
import { CONTENT_COLUMNS } from '../../src/domain/row.ts'
import { askedChanges } from '../../src/feed/asked.ts'
import { randomMove, world } from '../../src/simulator/index.ts'
import { Rng } from '../../src/simulator/random.ts'
import { isLive, randomMove as randomRaceMove, transfer } from '../../src/simulator/runsignup/index.ts'
import type { PartnerEvent } from '../../src/store/changes.ts'
import type { Db } from '../../src/store/database.ts'
import { addMark, findMark } from '../../src/store/feed/marks.ts'
import type { FeedEntry } from '../../src/store/overview/feed.ts'
import { readFeed } from '../../src/store/overview/feed.ts'
import { readBatch } from '../../src/store/participants/read.ts'
import { participantTable } from '../../src/store/participants/table.ts'
import { install, START } from '../helpers/installation.ts'
import { installRunSignUp } from '../helpers/runsignup.ts'

type Content = Record<string, Json>
type Table = Map<string, Content>

/** The content of a list's table, by registration. */
async function tableOf(db: Db, at: PartnerEvent): Promise<Table> {
  const shape = participantTable(at.provider as 'haku' | 'runsignup')
  const rows = await db.transaction().execute((trx) => readBatch(trx, shape, at, '', 1_000_000))
  return new Map(
    rows.map((row) => [
      row.participant_id,
      Object.fromEntries(CONTENT_COLUMNS.map((name) => [name, (row[name] ?? null) as Json])),
    ]),
  )
}

/** The feed after a position, one page after the other. */
async function feedOf(db: Db, at: PartnerEvent, after: number) {
  const all = []
  for (let position = after; ; ) {
    const page = await readFeed(db, at, position, 7)
    for (const [i, entry] of page.entries()) expect(entry.position).toBe(position + i + 1)
    all.push(...page)
    if (page.length < 7) return all
    position = page.at(-1)!.position
  }
}

const present = (content: Content) =>
  canonicalJson(Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null)))

const asText = (table: Table) => new Map([...table].map(([key, content]) => [key, present(content)]))

async function replayed(db: Db, at: PartnerEvent): Promise<Table> {
  const table: Table = new Map()
  for (const { participantId, fields } of await feedOf(db, at, 0)) {
    const content = { ...table.get(participantId) }
    for (const [name, [old, now]] of Object.entries(fields)) {
      expect(canonicalJson(content[name] ?? null)).toBe(canonicalJson(old))
      content[name] = now
    }
    table.set(participantId, content)
  }
  return table
}

/** What two snapshots differ in: registration -> column -> [old, new]. */
function differenceOf(before: Table, now: Table): Record<string, Record<string, [Json, Json]>> {
  const found: Record<string, Record<string, [Json, Json]>> = {}
  for (const [key, content] of now) {
    const old = before.get(key)
    const columns = CONTENT_COLUMNS.filter(
      (name) => canonicalJson(old?.[name] ?? null) !== canonicalJson(content[name] ?? null),
    )
    if (columns.length > 0)
      found[key] = Object.fromEntries(columns.map((name) => [name, [old?.[name] ?? null, content[name]!]]))
  }
  return found
}

function netOf(db: Db, at: PartnerEvent, after: number): Promise<FeedEntry[]> {
  return db.transaction().execute(async (trx) => {
    const all: FeedEntry[] = []
    for await (const batch of askedChanges(trx, at, after, { net: true })) all.push(...batch)
    return all
  })
}

/** Marks at random moments of a moving world; then feed, table and snapshots have to tell the same. */
async function check(
  db: Db,
  at: PartnerEvent,
  round: (number: number) => Promise<void>,
  rounds: number,
): Promise<{ kinds: Set<string>; changed: number }> {
  const snapshots = new Map<string, Table>()
  for (let i = 0; i < rounds; i++) {
    await round(i)
    const name = `mark ${i}`
    await addMark(db, at, name)
    snapshots.set(name, await tableOf(db, at))
  }
  const now = await tableOf(db, at)
  expect(asText(await replayed(db, at))).toEqual(asText(now))
  let changed = 0
  for (const [name, before] of snapshots) {
    const { position } = await findMark(db, at, name)
    const net = await netOf(db, at, position)
    const told = Object.fromEntries(
      net.flatMap(({ participantId, fields }) =>
        Object.keys(fields).length === 0 ? [] : [[participantId, fields]],
      ),
    )
    const positions = net.map((entry) => entry.position)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(told).toEqual(differenceOf(before, now))
    changed += Object.keys(told).length
  }
  return { kinds: new Set((await feedOf(db, at, 0)).map(({ change }) => change)), changed }
}

const SEEDS = Array.from({ length: 4 }, (_, i) => i + 1)
const seen = new Set<string>()

describe('the feed from its beginning gives the table, and from a mark what changed since', () => {
  it.each(SEEDS)(
    'at Haku, in random world %i',
    async (seed) => {
      const rng = new Rng(seed)
      const clock = new VirtualClock(START)
      const place = world({ clock, seed })
      const organization = place.addOrganization({ name: 'Riverbend Runners', timezone: 'America/Denver' })
      const race = place.addEvent(organization, { participants: 25, startsAt: clock.now() + 5 * 86_400_000 })
      const game = await install({ clock, world: place })
      const partnerId = await game.addPartner('Alder Timing')
      await game.addCredential(partnerId, organization.clientId, organization.secrets[0] ?? '')
      await game.discover(organization.clientId)
      try {
        const { kinds, changed } = await check(
          game.db,
          { provider: 'haku', partnerId, eventId: race.id },
          async () => {
            for (let moves = 1 + rng.int(8); moves > 0; moves--) randomMove(rng, place)
            clock.advance(1 + rng.int(10 * 60_000))
            await game.sync(organization.clientId, { full: rng.chance(0.6), details: rng.chance(0.5) })
          },
          6,
        )
        for (const kind of kinds) seen.add(kind)
        expect(changed).toBeGreaterThan(0)
      } finally {
        await game.stop()
      }
    },
    60_000,
  )

  it.each(SEEDS)(
    'at RunSignUp, in random world %i',
    async (seed) => {
      const rng = new Rng(seed)
      const clock = new VirtualClock(START)
      const game = await installRunSignUp({ clock, transferIds: seed % 2 === 0 ? 'new' : 'same' })
      const race = game.world.addRace(game.account)
      const [from, to] = [20, 10].map((participants) =>
        game.world.addEvent(race, { startsAt: '2026-05-09T07:00:00', participants }),
      )
      await game.discover()
      try {
        const { kinds, changed } = await check(
          game.db,
          { provider: 'runsignup', partnerId: game.partnerId, eventId: String(race.id) },
          async (round) => {
            const someone = from!.registrations.keys().find((id) => isLive(game.world, id))
            if (round === 2 && someone !== undefined) transfer(game.world, from!.id, someone, to!.id)
            for (let moves = 1 + rng.int(8); moves > 0; moves--)
              randomRaceMove(rng, game.world, { erase: true })
            clock.advance(1 + rng.int(10 * 60_000))
            await game.sync({ full: rng.chance(0.6) })
          },
          6,
        )
        for (const kind of kinds) seen.add(kind)
        expect(changed).toBeGreaterThan(0)
      } finally {
        await game.stop()
      }
    },
    60_000,
  )

  it('these worlds have all that a feed can tell of a provider', () => {
    expect([...seen]).toEqual(
      expect.arrayContaining(['added', 'changed', 'cancelled', 'removed', 'restored', 'transferred']),
    )
  })
})
