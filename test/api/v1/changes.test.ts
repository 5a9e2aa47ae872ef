import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Json } from '../../../src/domain/json.ts'
import { askedChanges } from '../../../src/feed/asked.ts'
import { Rng } from '../../../src/simulator/random.ts'
import type { FeedEntry } from '../../../src/store/overview/feed.ts'
import { change } from '../../feed/feeds.ts'
import { json, path, post, type ServedFeeds, serveFeeds } from './serve-feeds.ts'

let api: ServedFeeds['api']
let at: ServedFeeds['at']
let other: ServedFeeds['other']
let mine: ServedFeeds['mine']
let admin: ServedFeeds['admin']
beforeEach(async () => {
  ;({ api, at, other, mine, admin } = await serveFeeds())
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
