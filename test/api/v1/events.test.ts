import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Seeded, seedPartner } from '../../store/isolation/partner-rows.ts'
import { type Served, serveApi } from './serve.ts'

let api: Served
let alder: Seeded
let birch: Seeded
let mine: string
let admin: string
beforeAll(async () => {
  api = await serveApi()
  alder = await seedPartner(api.db, 'alder')
  birch = await seedPartner(api.db, 'birch')
  mine = await api.token(alder.partnerId)
  admin = await api.token(null)
  const start = (event: string, at: string) =>
    sql`UPDATE haku_events SET starts_at = ${at}, timezone = 'America/New_York' WHERE event_id = ${event}`.execute(
      api.db,
    )
  await start('alder', '2026-05-02T11:00:00Z')
  await start('birch', '2026-04-02T11:00:00Z')
})

interface Page {
  items: { key: string; partnerId: number }[]
  next: string | null
}
const page = async (path: string, token: string) => (await (await api.ask(path, token)).json()) as Page
const keysOf = ({ items }: Page) => items.map(({ key }) => key)

describe('GET /v1/events', () => {
  it('shows a timing partner its own, an administrator all, soonest first', async () => {
    const own = [`haku:${alder.partnerId}:alder`, `runsignup:${alder.partnerId}:${1_000 + alder.partnerId}`]
    expect(keysOf(await page('/v1/events', mine))).toEqual(own)
    const past = await page('/v1/events?past=true', admin)
    expect(keysOf(past)[0]).toBe(`haku:${birch.partnerId}:birch`)
    expect(past.items).toHaveLength(4)
    expect(keysOf(await page('/v1/events', admin))).not.toContain(`haku:${birch.partnerId}:birch`)
    expect(keysOf(await page(`/v1/events?past=true&partner=${birch.partnerId}`, admin))).toHaveLength(2)
    // Asking for another one's is asking for nothing more.
    expect(keysOf(await page(`/v1/events?partner=${birch.partnerId}`, mine))).toEqual(own)
  })

  it('comes in pages that skip nothing, undated ones included', async () => {
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const answer: Page = await page(
        `/v1/events?past=true&limit=1${next === '' ? '' : `&cursor=${next}`}`,
        admin,
      )
      expect(answer.items).toHaveLength(1)
      seen.push(...keysOf(answer))
      next = answer.next
    }
    expect(seen).toEqual(keysOf(await page('/v1/events?past=true', admin)))
  })

  it.each(['limit=0', 'limit=5000', 'limit=x', 'cursor=%21', 'cursor=e30', 'past=maybe', 'partner=-1'])(
    'refuses %s and does not repeat it',
    async (query) => {
      const answer = await api.ask(`/v1/events?${query}`, admin)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
      expect(await answer.json()).toMatchObject({ code: 'BAD_INPUT', hint: expect.any(String) })
    },
  )
})

describe('GET /v1/events/{event}', () => {
  it('shows one, with the zone of its times', async () => {
    const answer = await api.ask(`/v1/events/${encodeURIComponent(`haku:${alder.partnerId}:alder`)}`, mine)
    expect(await answer.json()).toMatchObject({
      key: `haku:${alder.partnerId}:alder`,
      startsAt: '2026-05-02T11:00:00.000Z',
      timezone: 'America/New_York',
      current: false,
    })
  })

  it('has six hours of polls to show of one that the board has, and of one that is over none', async () => {
    const strip = async ({ partnerId, mark }: Seeded) => {
      const answer = await api.ask(`/v1/events/${encodeURIComponent(`haku:${partnerId}:${mark}`)}`, admin)
      return ((await answer.json()) as { strip: string[] | null }).strip
    }
    expect(await strip(alder)).toHaveLength(72)
    expect(await strip(birch)).toBeNull()
  })

  it('knows neither another one’s nor one that is none', async () => {
    for (const key of [
      `haku:${birch.partnerId}:birch`,
      `haku:${alder.partnerId}:nothing`,
      `haku:${alder.partnerId}:a/b`,
    ]) {
      const answer = await api.ask(`/v1/events/${encodeURIComponent(key)}`, mine)
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        404,
        'NO_SUCH_EVENT',
      ])
    }
    expect((await api.ask('/v1/events/alder', mine)).status).toBe(400)
  })
})

describe('the document', () => {
  it('is OpenAPI 3.1, for anybody, and its page shows each route without a script', async () => {
    const answer = await api.ask('/v1/openapi.json', null)
    expect(answer.status).toBe(200)
    const document = (await answer.json()) as { openapi: string; paths: Record<string, unknown> }
    expect(document.openapi).toBe('3.1.0')
    const paths = Object.keys(document.paths)
    expect(paths).toEqual(expect.arrayContaining(['/session', '/board', '/events/{event}/participants']))
    const page = await api.ask('/v1/docs', null)
    const html = await page.text()
    for (const path of paths) expect(html).toContain(`/v1${path}</code>`)
    expect(html).not.toMatch(/<script|style=|https?:\/\/(?!127)/)
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self'")
    expect((await api.ask('/v1/docs.css', null)).headers.get('content-type')).toContain('text/css')
  })
})
