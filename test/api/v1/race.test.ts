import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { register, remove } from '../../../src/simulator/index.ts'
import { saveAudit } from '../../../src/store/audit/results.ts'
import { type Race, race, stopRace } from '../../sync/crash/race.ts'
import { openHoldId, WHOLE } from '../../sync/decisions.ts'
import { type Served, serve } from './serve.ts'

/** A race at the simulator, kept by the engine, and seen through the API by its timing partner. */
const PEOPLE = 40
let r: Race
let api: Served
let mine: string
let key: string
let event: string
beforeAll(async () => {
  r = await race({ traits: WHOLE, participants: PEOPLE, startsAt: '2026-05-02T07:00:00' })
  await r.settled()
  const { services, clock } = r.installation
  api = serve({ ...services, clock })
  mine = await api.token(r.partnerId)
  key = `haku:${r.partnerId}:${r.event.id}`
  event = `/v1/events/${encodeURIComponent(key)}`
})
afterAll(stopRace)

type Row = Record<string, unknown>
type Json = Row & { items: Row[]; next: string | null }
async function get(path: string, init?: RequestInit): Promise<Json> {
  const answer = await api.ask(path, mine, init)
  const body = (await answer.json()) as Json
  expect(answer.status, JSON.stringify(body)).toBeLessThan(300)
  return body
}
const post = (path: string, body: unknown = {}) =>
  get(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

describe('the board', () => {
  it('tells how it stands in one line, and of each race how fresh it is', async () => {
    const board = await get('/v1/board')
    expect(board).toMatchObject({
      at: new Date(r.clock.now()).toISOString(),
      verdict: expect.stringMatching(/^Up to date, .* startlist run is not running\. Nothing needs you\.$/),
      standing: { races: 1, late: 0, needs: 0, running: false },
      races: [
        {
          events: [{ key, partnerId: r.partnerId, partner: 'Alder Timing' }],
          participants: PEOPLE,
          startsAt: '2026-05-02T11:00:00.000Z',
          timezone: 'America/New_York',
          freshness: { every: 900_000, late: false, stretchedTo: null },
        },
      ],
      accounts: [{ used: r.haku.calls.last, limit: 100_000 }],
    })
    const [shown] = board.races as { strip: string[] }[]
    expect(shown?.strip).toHaveLength(72)
    expect(shown?.strip.at(-1)).toBe('kept')
    expect(shown?.strip[0]).toBe('none')
  })

  it('shows of a race what the race’s own page shows: the same six hours', async () => {
    const [shown] = (await get('/v1/board')).races as { strip: string[] }[]
    expect((await get(event)).strip).toEqual(shown?.strip)
  })

  it('is made once for all who look within a moment', async () => {
    const [one, two] = await Promise.all([get('/v1/board'), get('/v1/board')])
    expect(one.at).toBe(two.at)
    r.clock.advance(2_000)
    expect((await get('/v1/board')).at).not.toBe(one.at)
  })
})

describe('an event', () => {
  it('is counted by category and wave, and says when it is looked at next and why then', async () => {
    const seen = await get(event)
    expect(seen).toMatchObject({
      counts: { participants: PEOPLE, active: PEOPLE, removed: 0 },
      freshness: { every: 900_000, pending: 0 },
      next: { reason: expect.any(String), blockedBy: null, used: r.haku.calls.last },
      troubles: [],
    })
    const categories = seen.categories as { active: number }[]
    expect(categories.reduce((sum, { active }) => sum + active, 0)).toBe(PEOPLE)
    expect(Date.parse((seen.next as unknown as { pollAt: string }).pollAt)).toBeGreaterThan(r.clock.now())
  })
})

describe('participants', () => {
  it('come by name in pages that skip nobody, without a name in the cursor', async () => {
    const seen: Row[] = []
    let next: string | null = null
    do {
      const page: Json = await get(`${event}/participants?limit=7${next === null ? '' : `&cursor=${next}`}`)
      seen.push(...page.items)
      next = page.next
      if (next !== null)
        expect(Buffer.from(next, 'base64url').toString()).toBe(JSON.stringify(page.items.at(-1)?.id))
    } while (next !== null)
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(r.numbers()))
    const names = seen.map(({ lastName, firstName }) => `${lastName} ${firstName}`.toLowerCase())
    expect(seen).toHaveLength(PEOPLE)
    expect(names[0]! <= names.at(-1)!).toBe(true)
  })

  it('are found by words of their name, by bib and by number', async () => {
    const [someone] = (await get(`${event}/participants?limit=1`)).items
    const { id, firstName, lastName } = someone as { id: string; firstName: string; lastName: string }
    const find = async (q: string) =>
      (await get(`${event}/participants?q=${encodeURIComponent(q)}`)).items.map((row) => row.id)
    expect(await find(`${lastName.slice(0, 4).toLowerCase()} ${firstName}`)).toContain(id)
    expect(await find(id)).toEqual([id])
    // What LIKE takes for a wildcard is a letter here.
    expect(await find('%')).toEqual([])
    expect(await find(`${firstName} nobody-of-that-name`)).toEqual([])
    expect(await get(`${event}/participants/${id}`)).toMatchObject({ id, lastName, pending: false })
  })

  it('cost a 304 while nothing has changed, and are there at once when something has', async () => {
    const path = `${event}/participants?limit=5`
    const first = await api.ask(path, mine)
    const tag = first.headers.get('etag')!
    const again = (headers: Record<string, string>, asked = path) => api.ask(asked, mine, { headers })
    const same = await again({ 'If-None-Match': tag })
    expect([same.status, await same.text(), same.headers.get('cache-control')]).toEqual([
      304,
      '',
      'private, no-cache',
    ])
    expect((await again({ 'If-None-Match': `"x", W/${tag}` })).status).toBe(304)
    // Another page of the same list is another answer.
    expect((await again({ 'If-None-Match': tag }, `${event}/participants?limit=6`)).status).toBe(200)
    register(r.world, r.event.id)
    await r.poll()
    const news = await again({ 'If-None-Match': tag })
    expect(news.status).toBe(200)
    expect(news.headers.get('etag')).not.toBe(tag)
  })
})

describe('sync now', () => {
  it('says its cost first, asks the scheduler, and is done when the list was read', async () => {
    const cost = await get(`${event}/sync`)
    expect(cost).toMatchObject({ kind: 'poll', calls: 1, isLeast: true, notBefore: null, asked: false })
    expect(cost.left).toBe(100_000 - r.haku.calls.last)
    const answer = await api.ask(`${event}/sync`, mine, { method: 'POST' })
    expect([answer.status, answer.headers.get('location')]).toEqual([202, event])
    expect(await answer.json()).toMatchObject({ event: key, running: false, see: event, cost: { calls: 1 } })
    expect(await get(`${event}/sync`)).toMatchObject({ asked: true })
    const { polledAt } = await get(event)
    await r.poll()
    expect(await get(`${event}/sync`)).toMatchObject({ asked: false })
    expect((await get(event)).polledAt).not.toBe(polledAt)
  })
})

describe('quota', () => {
  it('is what the provider has counted, and the forecast says whether it fits', async () => {
    const [account] = (await get('/v1/accounts')).items
    const path = `/v1/accounts/${account?.id}`
    const quota = await get(`${path}/quota`)
    expect(quota).toMatchObject({ used: r.haku.calls.last, limit: 100_000 })
    const hours = quota.hours as { person: number; poll: number; upkeep: number; backfill: number }[]
    const sum = hours.reduce((all, h) => all + h.person + h.poll + h.upkeep + h.backfill, 0)
    expect(sum).toBe(r.haku.calls.last)
    const forecast = await get(`${path}/forecast?hours=24`)
    expect(forecast).toMatchObject({
      fits: true,
      sentence: expect.stringContaining('Fits: at most'),
      late: [],
    })
    expect(forecast.hours).toHaveLength(24)
  })
})

describe('a hold', () => {
  it('is shown, applied by whoever has the token, and taken back by undo', async () => {
    for (const n of r.numbers().slice(0, 25)) remove(r.world, r.event.id, n)
    await r.sweep()
    const holdId = await openHoldId(r)
    const before = (await get(event)).counts as { participants: number }
    const { items } = await get(`/v1/holds?event=${encodeURIComponent(key)}`)
    expect(items).toMatchObject([
      { id: holdId, kind: 'removal', state: 'open', absent: 25, listId: r.event.id },
    ])
    expect((await get('/v1/board')).troubles).toMatchObject([{ problem: 'hold', holdId, needsPerson: true }])

    const applied = await post(`/v1/holds/${holdId}/apply`)
    expect(applied).toMatchObject({ removed: 25, hold: { state: 'applied', decidedBy: 'of a test' } })
    expect((await get(event)).counts).toMatchObject({ participants: before.participants - 25, removed: 25 })
    expect((await get(`${event}/participants?status=removed`)).items).toHaveLength(25)
    const twice = await api.ask(`/v1/holds/${holdId}/apply`, mine, { method: 'POST' })
    expect(twice.status).toBe(404)

    const [run] = applied.runs as number[]
    expect(await get(`/v1/runs/${run}`)).toMatchObject({ kind: 'hold', removed: 25, undoable: true, holdId })
    expect(await post(`/v1/runs/${run}/undo`)).toMatchObject({ restored: 25, holds: [holdId] })
    expect((await get(event)).counts).toMatchObject(before)
    expect(await post(`/v1/holds/${holdId}/discard`)).toMatchObject({ state: 'discarded' })
    expect((await get('/v1/holds')).items).toEqual([])
    expect((await get('/v1/holds?decided=true')).items).toMatchObject([{ id: holdId, state: 'discarded' }])
  })

  it('leaves runs behind that tell what was done, newest first, with their calls', async () => {
    const { items, next } = await get('/v1/runs?limit=2')
    expect(items.map(({ kind }) => kind)).toEqual(['undo', 'hold'])
    expect((await get(`/v1/runs?limit=2&cursor=${next}`)).items.map(({ id }) => id)).not.toContain(
      items[1]?.id,
    )
    const { items: sweeps } = await get('/v1/runs')
    const sweep = sweeps.find(({ kind }) => kind === 'sweep')
    const { messages } = (await get(`/v1/runs/${sweep?.id}`)) as unknown as { messages: Row[] }
    expect(messages).toContainEqual(expect.objectContaining({ purpose: 'list', status: 200 }))
    expect((await get('/v1/runs?failed=true')).items).toEqual([])
  })
})

describe('a reject', () => {
  it('is listed without what was sent, shown with it, and stored once it is readable', async () => {
    const { accountId } = (await get(event)) as unknown as { accountId: number }
    await sql`INSERT INTO rejected_records (provider, timing_partner_id, account_id, event_id, kind, record_key, field,
        reason, raw, first_seen, last_seen)
      VALUES ('haku', ${r.partnerId}, ${accountId}, ${r.event.id}, 'field', ${r.numbers().at(-1)}, 'date_of_birth',
        'not a date', '31/31/1990', startlist.clock(), startlist.clock())`.execute(r.db)
    const { items } = await get(`/v1/rejects?event=${encodeURIComponent(key)}`)
    expect(items).toMatchObject([
      { kind: 'field', field: 'date_of_birth', participantId: r.numbers().at(-1) },
    ])
    expect(JSON.stringify(items)).not.toContain('31/31')
    const path = `/v1/rejects/${items[0]?.id}`
    expect(await get(path)).toMatchObject({ raw: '31/31/1990' })
    expect(await post(`${path}/retry`)).toEqual({ stored: true })
    expect((await api.ask(path, mine)).status).toBe(404)
  })
})

describe('partners, credentials, audits and backfill', () => {
  it('are those of whoever asks', async () => {
    expect((await get('/v1/partners')).items).toMatchObject([
      { id: r.partnerId, name: 'Alder Timing', events: 1 },
    ])
    expect((await get('/v1/credentials')).items).toMatchObject([
      { id: r.credentialId, state: 'Ready', hint: null, clientId: `${r.clientId.slice(0, 10)}...` },
    ])
    expect((await get('/v1/audits')).items).toEqual([])
    expect(await get('/v1/backfill')).toEqual({ accounts: [], races: [] })
  })

  it('show an audit’s findings by column, and a race that is still to be read', async () => {
    const { accountId } = (await get(event)) as unknown as { accountId: number }
    const audit = { provider: 'haku', partnerId: r.partnerId, eventId: r.event.id, accountId }
    const counts = {
      complete: true,
      ours: 41,
      theirs: 42,
      count: 'missing',
      sampled: 5,
      blind: 1,
      moved: 0,
      gone: 0,
    }
    const finding = { kind: 'row' as const, key: '7', fields: ['bib_number'] }
    await r.db
      .transaction()
      .execute((trx) => saveAudit(trx, { ...audit, ...counts, replayed: 41, calls: 6, findings: [finding] }))
    expect((await get('/v1/audits')).items).toMatchObject([
      { listId: r.event.id, name: r.event.name, theirs: 42, findings: [{ kind: 'row', participantId: '7' }] },
    ])
    await sql`UPDATE sync_state SET complete_at = NULL WHERE account_id = ${accountId}`.execute(r.db)
    r.clock.advance(2_000)
    expect(await get('/v1/backfill')).toMatchObject({
      accounts: [{ id: accountId, backfill: { events: 1 } }],
      races: [{ listId: r.event.id, complete: false }],
    })
    expect(await get(`${event}/sync`)).toMatchObject({ kind: 'sweep', calls: 3 })
  })

  it('and nothing has failed inside meanwhile', () => {
    expect(api.failures).toEqual([])
  })
})
