import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import type { Json } from '../../../src/domain/json.ts'
import { askedChanges } from '../../../src/feed/asked.ts'
import { Rng } from '../../../src/simulator/random.ts'
import type { PartnerEvent } from '../../../src/store/changes.ts'
import type { FeedEntry } from '../../../src/store/overview/feed.ts'
import { startWebhook } from '../../alerts/receivers.ts'
import { change, seedFeed } from '../../feed/feeds.ts'
import { type Served, serveApi } from './serve.ts'

let api: Served
let at: PartnerEvent
let other: PartnerEvent
let mine: string
let admin: string
const served: Served[] = []
beforeEach(async () => {
  api = await serveApi()
  served.push(api)
  at = await seedFeed(api.db, 'dawn')
  other = await seedFeed(api.db, 'dusk')
  mine = await api.token(at.partnerId)
  admin = await api.token(null)
})
afterAll(async () => {
  for (const { services } of served) await services.hub.stop()
})

const path = (event: PartnerEvent, rest: string) =>
  `/v1/events/${encodeURIComponent(`haku:${event.partnerId}:${event.eventId}`)}${rest}`
const json = async (answer: Response) => (await answer.json()) as Record<string, never>
const post = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

describe('GET /v1/events/{event}/changes', () => {
  it('comes newest first to whoever wants the latest alone', async () => {
    await change(api.db, at, 25)
    const page = await json(await api.ask(path(at, '/changes?order=newest&limit=3'), mine))
    const positions = (page.items as unknown as { position: number }[]).map(({ position }) => position)
    expect([positions, page.position]).toEqual([[25, 24, 23], 25])
  })

  interface Page {
    items: { position: number; participantId: string; change: string }[]
    next: string | null
    position: number
  }
  const pageOf = async (query: string) =>
    (await json(await api.ask(path(at, `/changes?${query}`), mine))) as unknown as Page

  /** All pages, and what each was read up to. @param between is done after each */
  async function pagesOf(query: string, between = async () => {}) {
    const pages: Page[] = []
    for (let cursor = ''; ; ) {
      const page = await pageOf(`${query}${cursor}`)
      pages.push(page)
      expect(page.items.length).toBeLessThanOrEqual(Number(/limit=(\d+)/.exec(query)?.[1]))
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
      await between()
    }
    return { items: pages.flatMap(({ items }) => items), pages }
  }

  it('comes newest first in pages, of what there was when the first was asked for', async () => {
    await change(api.db, at, 8)
    const { items, pages } = await pagesOf('order=newest&limit=3', () => change(api.db, at, 2))
    expect(items.map(({ position }) => position)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
    expect(pages.map(({ position }) => position)).toEqual([8, 8, 8])
  })

  it.each(['oldest', 'newest'])(
    'sums up everybody once, %s first, a page at a time, whatever comes meanwhile',
    async (order) => {
      const rng = new Rng(7)
      await change(api.db, at, 3, { key: 'r0' })
      const after = 3
      const steps = Array.from({ length: 120 }, () => rng.int(25))
      for (const step of steps) {
        const fields = { bib_number: [String(rng.int(3)), String(rng.int(3))] as [Json, Json] }
        const kind = rng.chance(0.2) ? { change: 'added' as const } : {}
        await change(api.db, at, 1, { key: `r${step}`, fields, ...kind })
      }
      const all: FeedEntry[] = []
      await api.db.transaction().execute(async (trx) => {
        for await (const batch of askedChanges(trx, at, after, { net: true })) all.push(...batch)
      })
      const asText = (entries: Page['items']) =>
        entries.map((entry) => `${entry.position} ${entry.participantId} ${entry.change}`)
      const expected = order === 'oldest' ? all : all.toReversed()
      // Some of those who were shown, and of those who are still to come, change again, and others come.
      const again = async () => {
        for (const n of [0, 1, 2, 30])
          await change(api.db, at, 1, { key: `r${n + rng.int(20)}`, fields: { wave: ['A', String(n)] } })
      }
      for (const [filter, wanted] of [
        ['', () => true],
        ['&kind=added', ({ change: kind }: FeedEntry) => kind === 'added'],
        ['&kind=removed', () => false],
      ] as const) {
        const { items } = await pagesOf(`net=true&order=${order}&after=${after}&limit=1000${filter}`)
        expect(asText(items)).toEqual(asText(expected.filter(wanted)))
      }
      const { items, pages } = await pagesOf(`net=true&order=${order}&after=${after}&limit=4`, again)
      expect(asText(items)).toEqual(asText(expected))
      expect(pages.length).toBeGreaterThan(3)
      // All pages were read up to the same place; what came since is told from there on.
      const until = new Set(pages.map(({ position }) => position))
      expect([...until]).toEqual([after + steps.length])
      const rest = await pagesOf(`after=${[...until]}&limit=1000`)
      expect(rest.items).toHaveLength(4 * (pages.length - 1))
    },
  )

  it('takes no cursor of another list', async () => {
    await change(api.db, at, 5)
    const [plain, newest] = [await pageOf('limit=2'), await pageOf('limit=2&order=newest')]
    for (const query of [`order=newest&cursor=${plain.next}`, `cursor=${newest.next}`]) {
      const answer = await api.ask(path(at, `/changes?limit=2&${query}`), mine)
      expect([answer.status, (await json(answer)).code]).toEqual([400, 'BAD_INPUT'])
    }
    // A backup from before was restored.
    await sql`UPDATE partner_sync SET feed_position = 4 WHERE event_id = 'dawn'`.execute(api.db)
    const gone = await api.ask(path(at, `/changes?limit=2&order=newest&cursor=${newest.next}`), mine)
    expect(gone.status).toBe(410)
  })

  it('comes in pages without a gap, and says where to go on from', async () => {
    await change(api.db, at, 25)
    const seen: number[] = []
    let query = '?limit=10'
    for (;;) {
      const page = (await json(await api.ask(path(at, `/changes${query}`), mine))) as unknown as {
        items: { position: number }[]
        next: string | null
        position: number
      }
      seen.push(...page.items.map(({ position }) => position))
      if (page.next === null) {
        expect(page.position).toBe(25)
        break
      }
      query = `?limit=10&cursor=${page.next}`
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
    expect(await json(await api.ask(path(at, '/changes?after=25'), mine))).toMatchObject({
      items: [],
      position: 25,
    })
  })

  it('tells those of a kind, a column or a registration alone', async () => {
    await change(api.db, at, 1, { key: 'a', change: 'added', fields: { wave: [null, 'A'] } })
    await change(api.db, at, 2, { key: 'b' })
    const positions = async (query: string) =>
      (
        (await json(await api.ask(path(at, `/changes?${query}`), mine))).items as unknown as {
          position: number
        }[]
      ).map(({ position }) => position)
    expect(await positions('kind=added,removed')).toEqual([1])
    expect(await positions('field=bib_number')).toEqual([2, 3])
    expect(await positions('q=a')).toEqual([1])
    expect(await positions('net=true')).toEqual([1, 3])
    expect((await api.ask(path(at, '/changes?kind=nonsense'), mine)).status).toBe(400)
  })

  it('answers 410 where changes were purged, whichever way they are asked for', async () => {
    await change(api.db, at, 3)
    await api.ask(path(at, '/marks'), mine, post({ name: 'bibs printed' }))
    await change(api.db, at, 3)
    await sql`UPDATE partner_sync SET feed_purged = 4 WHERE event_id = 'dawn'`.execute(api.db)
    await sql`DELETE FROM participant_changes WHERE position <= 4`.execute(api.db)
    const asked = [
      '/changes?after=3',
      '/changes?since=bibs%20printed',
      '/changes.csv?after=3',
      '/changes/stream?after=3',
    ]
    for (const rest of asked) {
      const answer = await api.ask(path(at, rest), mine)
      expect([rest, answer.status]).toEqual([rest, 410])
      expect(await answer.json()).toMatchObject({ code: 'CHANGES_GONE', hint: expect.any(String) })
    }
    expect((await api.ask(path(at, '/changes?after=4'), mine)).status).toBe(200)
    const { items } = await json(await api.ask(path(at, '/marks'), mine))
    expect(items).toMatchObject([{ name: 'bibs printed', position: 3, kept: false }])
  })

  it('comes as CSV that no spreadsheet takes for a formula', async () => {
    await change(api.db, at, 1, { fields: { last_name: ['Dale', '=HYPERLINK("x")'] } })
    const answer = await api.ask(path(at, '/changes.csv'), mine)
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(await answer.text()).toContain(`last_name,Dale,"'=HYPERLINK(""x"")"`)
  })
})

describe('GET /v1/events/{event}/changes.csv', () => {
  /** Which changes of whom a page, and a file, tell. */
  const told = async (query: string) => {
    const page = await json(await api.ask(path(at, `/changes?${query}`), mine))
    const items = page.items as unknown as { change: string; participantId: string; fields: object }[]
    const file = await (await api.ask(path(at, `/changes.csv?${query}`), mine)).text()
    const rows = parse(file, { columns: true }) as Record<string, string>[]
    return {
      page: items.flatMap(({ change: kind, participantId, fields }) =>
        Object.keys(fields).map((field) => `${kind} ${participantId} ${field}`),
      ),
      file: rows.map(({ change: kind, registration, field }) => `${kind} ${registration} ${field}`),
    }
  }

  it('tells of a kind or a column what the page tells: of what came of it all', async () => {
    const was = (fields: Record<string, [Json, Json]>) => ({ fields })
    await change(api.db, at, 1, { key: 'late', change: 'added', fields: { bib_number: [null, '1'] } })
    await change(api.db, at, 1, { key: 'late', ...was({ bib_number: ['1', '2'] }) })
    await change(api.db, at, 1, { key: 'swapped', ...was({ bib_number: ['3', '4'] }) })
    await change(api.db, at, 1, { key: 'fixed', ...was({ bib_number: ['5', '6'], wave: ['A', 'B'] }) })
    await change(api.db, at, 1, { key: 'fixed', ...was({ bib_number: ['6', '5'] }) })
    const expected: [query: string, changes: string[]][] = [
      ['net=true&kind=added', ['added late bib_number']],
      // Who came since is not among those who were there and have another bib now.
      ['net=true&kind=changed', ['changed swapped bib_number', 'changed fixed wave']],
      // And who has the bib of before has no other one.
      ['net=true&field=bib_number', ['added late bib_number', 'changed swapped bib_number']],
      ['net=true&field=bib_number&kind=changed&q=swapped', ['changed swapped bib_number']],
      ['kind=added', ['added late bib_number']],
      ['field=wave', ['changed fixed wave', 'changed fixed bib_number']],
    ]
    for (const [query, changes] of expected)
      expect([query, await told(query)]).toEqual([query, { page: changes, file: changes }])
  })

  it('is of any length, and read as fast as it is taken', { timeout: 240_000 }, async () => {
    const entries = 210_000
    await manyChanges(entries)
    for (const query of ['', '?net=true']) {
      const answer = await api.ask(path(at, `/changes.csv${query}`), mine)
      let rows = 0
      let longest = 0
      for await (const piece of answer.body! as ReadableStream<Uint8Array>) {
        longest = Math.max(longest, piece.length)
        rows += piece.reduce((lines, byte) => lines + Number(byte === 10), 0)
      }
      expect([query, rows, longest < 100_000]).toEqual([
        query,
        1 + (query === '' ? entries : entries / 2),
        true,
      ])
    }
    // A page holds what it shows, of however many.
    for (const [query, shown] of [
      ['order=oldest&limit=2', [entries / 2 + 1, entries / 2 + 2]],
      ['order=newest&limit=2', [entries, entries - 1]],
      ['kind=removed', []],
    ] as const) {
      const page = await json(await api.ask(path(at, `/changes?net=true&${query}`), mine))
      const items = page.items as unknown as { position: number }[]
      expect([query, items.map(({ position }) => position)]).toEqual([query, shown])
    }
    const open = await Promise.all([1, 2, 3].map(() => api.ask(path(at, '/changes.csv'), mine)))
    expect((await api.ask(path(at, '/changes.csv'), mine)).status).toBe(429)
    for (const answer of open) await answer.body!.cancel()
    // Whoever goes away leaves nothing open.
    expect(await (await api.ask(path(at, '/changes.csv?after=209999'), mine)).text()).toContain('210000')
  })

  /** Two for each registration. */
  async function manyChanges(entries: number): Promise<void> {
    await sql`INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields, seen_at)
      SELECT 'haku', ${at.partnerId}, 'dawn', n, 'R' || n % ${entries / 2}::int, 'changed',
        jsonb_build_object('bib_number', jsonb_build_array(n, n + 1)), startlist.clock()
      FROM generate_series(1, ${entries}::int) AS n`.execute(api.db)
    await sql`UPDATE partner_sync SET feed_position = ${entries} WHERE event_id = 'dawn'`.execute(api.db)
  }
})

it('marks: set, listed, asked from, set anew, removed', async () => {
  await change(api.db, at, 2)
  const added = await api.ask(path(at, '/marks'), mine, post({ name: 'list exported' }))
  expect([added.status, await added.json()]).toEqual([
    201,
    expect.objectContaining({ name: 'list exported', position: 2, since: 0, kept: true }),
  ])
  await change(api.db, at, 1)
  const since = await json(await api.ask(path(at, '/changes?since=list%20exported'), mine))
  expect(since).toMatchObject({ items: [{ position: 3 }] })
  expect((await api.ask(path(at, '/marks'), mine, post({ name: 'list exported' }))).status).toBe(409)
  const moved = await api.ask(path(at, '/marks'), mine, post({ name: 'list exported', move: true }))
  const { id } = await json(moved)
  // Where an export ended: what came while it was written is told the next time.
  const placed = await api.ask(path(at, '/marks'), mine, post({ name: 'exported', position: 2 }))
  expect(await placed.json()).toMatchObject({ position: 2, since: 1 })
  const beyond = await api.ask(path(at, '/marks'), mine, post({ name: 'exported', position: 4, move: true }))
  expect([beyond.status, await beyond.json()]).toEqual([
    410,
    expect.objectContaining({ code: 'CHANGES_GONE' }),
  ])
  expect((await api.ask(path(at, `/marks/${id}`), mine, { method: 'DELETE' })).status).toBe(204)
  expect((await api.ask(path(at, `/marks/${id}`), mine, { method: 'DELETE' })).status).toBe(404)
  expect((await api.ask(path(at, '/changes?since=list%20exported'), mine)).status).toBe(404)
})

it('shows nothing of another timing partner, and changes nothing of theirs', async () => {
  const theirs = await json(await api.ask(path(other, '/marks'), admin, post({ name: 'theirs' })))
  const hook = await json(
    await api.ask('/v1/webhooks', admin, post({ url: 'https://example.com/', partnerId: other.partnerId })),
  )
  const tried: [string, RequestInit?][] = [
    ...['/changes', '/changes.csv', '/changes/stream', '/marks'].map((rest): [string] => [path(other, rest)]),
    [path(other, '/marks'), post({ name: 'mine' })],
    [path(other, `/marks/${theirs.id}`), { method: 'DELETE' }],
    [path(at, `/marks/${theirs.id}`), { method: 'DELETE' }],
    [`/v1/webhooks/${hook.id}`, { method: 'DELETE' }],
    [`/v1/webhooks/${hook.id}/deliveries`],
    [`/v1/webhooks/${hook.id}/test`, { method: 'POST' }],
    ['/v1/webhooks', post({ url: 'https://example.com/', partnerId: other.partnerId })],
  ]
  for (const [where, init] of tried)
    expect([where, init?.method, (await api.ask(where, mine, init)).status]).toEqual([
      where,
      init?.method,
      404,
    ])
  expect(await json(await api.ask('/v1/webhooks', mine))).toEqual({ items: [], next: null })
  for (const where of [path(at, '/changes'), '/v1/stream', '/v1/webhooks'])
    expect((await api.ask(where, null)).status).toBe(401)
})

it('webhooks: a secret once, no private address for a timing partner, a test that arrives', async () => {
  const receiver = await startWebhook()
  onTestFinished(() => receiver.stop())
  const refused = await api.ask('/v1/webhooks', mine, post({ url: receiver.url }))
  expect([refused.status, await refused.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
  ])
  const added = await json(
    await api.ask('/v1/webhooks', admin, post({ url: receiver.url, partnerId: at.partnerId })),
  )
  expect(added.secret).toMatch(/^whsec_/)
  const listed = await (await api.ask('/v1/webhooks', mine)).text()
  expect(JSON.parse(listed).items).toMatchObject([{ id: added.id, url: receiver.url }])
  expect(listed).not.toContain('whsec_')
  expect((await api.ask(`/v1/webhooks/${added.id}/test`, mine, { method: 'POST' })).status).toBe(200)
  expect(receiver.posted).toHaveLength(1)
  receiver.answers.push(500)
  expect((await api.ask(`/v1/webhooks/${added.id}/test`, mine, { method: 'POST' })).status).toBe(502)
  expect((await api.ask(`/v1/webhooks/${added.id}`, mine, { method: 'DELETE' })).status).toBe(204)
})

/** The app on a socket, with its listening connection. */
async function onSocket(): Promise<string> {
  api.services.hub.start()
  const server = createServer(getRequestListener(api.app.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Told {
  event?: string
  id?: string
  data?: string
}

/** Reads server-sent events until one is wanted, then hangs up. */
async function listenUntil(
  url: string,
  { token, last, wanted }: { token: string; last?: string; wanted: (all: Told[]) => boolean },
): Promise<Told[]> {
  const ending = new AbortController()
  const headers = {
    authorization: `Bearer ${token}`,
    ...(last === undefined ? {} : { 'last-event-id': last }),
  }
  const answer = await fetch(url, { headers, signal: ending.signal })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const all: Told[] = []
  let rest = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks)
      all.push(Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))
    if (wanted(all)) break
  }
  ending.abort()
  return all
}

const idsOf = (all: Told[]) => all.filter(({ event }) => event === 'change').map(({ id }) => Number(id))

describe('server-sent events', () => {
  beforeEach(() => {
    // Heartbeats are of real time.
    Object.assign(api.services, { clock: systemClock })
  })

  it('Last-Event-ID goes on where a listener was, without a gap', async () => {
    const base = await onSocket()
    await change(api.db, at, 5)
    const url = `${base}${path(at, '/changes/stream')}`
    const first = await listenUntil(`${url}?after=0`, {
      token: mine,
      wanted: (all) => idsOf(all).length >= 5,
    })
    await change(api.db, at, 4)
    const resumed = listenUntil(url, {
      token: mine,
      last: String(idsOf(first).at(-1)),
      wanted: (all) => idsOf(all).length >= 6,
    })
    await change(api.db, at, 2)
    expect([...idsOf(first), ...idsOf(await resumed)]).toEqual(Array.from({ length: 11 }, (_, i) => i + 1))
  })

  it('ends with the reason when startlist stops', async () => {
    const base = await onSocket()
    await change(api.db, at)
    const told = listenUntil(`${base}${path(at, '/changes/stream')}?after=0`, {
      token: mine,
      wanted: (all) => {
        if (idsOf(all).length === 1) void api.services.hub.stop()
        return all.at(-1)?.event === 'end'
      },
    })
    expect(JSON.parse((await told).at(-1)?.data ?? '')).toMatchObject({ code: 'INTERRUPTED' })
  })

  it('the stream of everything tells a timing partner of its own alone', async () => {
    const base = await onSocket()
    const key = `haku:${at.partnerId}:dawn`
    const told = await listenUntil(`${base}/v1/stream`, {
      token: mine,
      wanted: (all) => {
        if (
          all.filter(({ event }) => event === 'all').length >= 1 &&
          !all.some(({ event }) => event === 'list')
        )
          void change(api.db, other).then(() => change(api.db, at))
        return all.some(({ event }) => event === 'list')
      },
    })
    const lists = told.filter(({ event }) => event === 'list').map(({ data }) => JSON.parse(data ?? ''))
    expect(lists.length).toBeGreaterThan(0)
    for (const { list } of lists) expect(list).toBe(key)
  })
})
