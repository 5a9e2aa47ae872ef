import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { createToken, revokeToken } from '../../../src/store/api-tokens.ts'
import { freezeStartList } from '../../../src/store/freezes/create.ts'
import { type Seeded, seedPartner } from '../../store/isolation/partner-rows.ts'
import { type Served, serveApi } from './serve.ts'

/** A route as the document has it, with `/v1` before its path. */
interface Route {
  method: string
  path: string
  /** Names in braces. */
  params: string[]
  query: string[]
}

/**
 * What can stand for a parameter: of `who`, or of nobody in particular. A new parameter needs a line here, or these
 * tests fail: that is how new routes are tried by themselves.
 */
const IDS: Record<string, (who: Owned) => string | number> = {
  event: ({ partnerId, mark }) => `haku:${partnerId}:${mark}`,
  participantId: () => '1',
  file: () => 'missing-sex.csv',
  account: ({ accountId }) => accountId,
  hold: ({ hold }) => hold,
  reject: ({ reject }) => reject,
  run: ({ run }) => run,
  mark: ({ feedMark }) => feedMark,
  webhook: ({ webhook }) => webhook,
  id: ({ freeze }) => freeze,
  format: () => 'csv',
}
/** Parameters that name something of somebody, in a path or a query. */
const OWNED = ['event', 'account', 'hold', 'reject', 'run', 'mark', 'webhook']
/** Bodies that pass, where an empty object does not; by method and path. */
const BODIES: Record<string, unknown> = {
  'PUT /v1/events/{event}/participants/{participantId}/bib': { bib: '7' },
  'PUT /v1/events/{event}/bib-authority': { bibAuthority: 'local' },
  'POST /v1/events/{event}/marks': { name: 'bibs printed' },
  'POST /v1/events/{event}/bibs': 'registration,bib\n1,7\n',
}
/** These are for whoever comes. */
const OPEN = ['POST /v1/session', 'DELETE /v1/session']

interface Owned extends Seeded {
  hold: number
  reject: number
  run: number
  feedMark: number
  webhook: number
  freeze: number
}

let api: Served
let routes: Route[]
let alder: Owned
let birch: Owned
let mine: string
let admin: string
beforeAll(async () => {
  api = await serveApi()
  alder = await ownedBy('alder')
  birch = await ownedBy('birch')
  mine = await api.token(alder.partnerId)
  admin = await api.token(null)
  routes = await routesOf()
})

async function ownedBy(mark: string): Promise<Owned> {
  const seeded = await seedPartner(api.db, mark)
  const id = async (column: string, table: string, where: string, is: string | number = mark) => {
    const { rows } = await sql<{ id: number }>`
      SELECT ${sql.ref(column)}::int AS id FROM ${sql.table(table)} WHERE ${sql.ref(where)} = ${is}`.execute(
      api.db,
    )
    return rows[0]!.id
  }
  // The seeded one only proves that its rows are hidden: nobody could read it.
  await sql`DELETE FROM freezes WHERE timing_partner_id = ${seeded.partnerId}`.execute(api.db)
  const at = { provider: 'haku' as const, partnerId: seeded.partnerId, eventId: mark, listId: mark }
  const freeze = await freezeStartList(api.db, at, { by: mark, key: api.services.key })
  return {
    ...seeded,
    hold: await id('hold_id', 'holds', 'event_id'),
    reject: await id('reject_id', 'rejected_records', 'event_id'),
    run: await id('sync_history_id', 'sync_history', 'event_id'),
    feedMark: await id('mark_id', 'feed_marks', 'name'),
    webhook: await id('webhook_id', 'webhooks', 'timing_partner_id', seeded.partnerId),
    freeze,
  }
}

interface Operation {
  parameters?: { name: string; in: string }[]
}

async function routesOf(): Promise<Route[]> {
  const answer = await api.ask('/v1/openapi.json', null)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Operation>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path: `/v1${path}`,
      params: [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!),
      query: parameters.filter((each) => each.in === 'query').map(({ name }) => name),
    })),
  )
}

const nameOf = ({ method, path }: Route) => `${method} ${path}`

/** Asks a route with ids of somebody; what is not owned is the same for all. */
function ask(
  route: Route,
  who: Owned,
  token: string | null,
  query: Record<string, string> = {},
): Promise<Response> {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = IDS[name]
    if (id === undefined) throw new Error(`${nameOf(route)}: give IDS something for {${name}}`)
    return encodeURIComponent(String(id(who)))
  })
  const search = new URLSearchParams(query).toString()
  const given = BODIES[nameOf(route)] ?? {}
  const [type, text] =
    typeof given === 'string' ? ['text/csv', given] : ['application/json', JSON.stringify(given)]
  const body = ['POST', 'PUT', 'PATCH'].includes(route.method)
    ? { body: text, headers: { 'content-type': type } }
    : {}
  return api.ask(`${path}${search === '' ? '' : `?${search}`}`, token, { method: route.method, ...body })
}

/** All of an answer; of a stream, which has no end, what comes first. */
async function textOf(answer: Response): Promise<string> {
  if (answer.headers.get('content-type') !== 'text/event-stream') return answer.text()
  const reader = answer.body!.getReader()
  let text = ''
  for (let chunks = 0; chunks < 2; chunks++) text += new TextDecoder().decode((await reader.read()).value)
  await reader.cancel()
  return text
}

const closed = () => routes.filter((route) => !OPEN.includes(nameOf(route)))

describe('a timing partner’s token', () => {
  it('opens nothing of another one: 404 or 403, at every route and with every id', async () => {
    const owned = routes.filter(({ params }) => params.some((name) => OWNED.includes(name)))
    expect(owned.length).toBeGreaterThan(12)
    const found: string[] = []
    for (const route of owned) {
      const answer = await ask(route, birch, mine)
      if (![403, 404].includes(answer.status))
        found.push(`${nameOf(route)}: ${answer.status} ${await textOf(answer)}`)
    }
    expect(found).toEqual([])
  })

  it('sees nothing of another one where a query names it', async () => {
    const found: string[] = []
    for (const route of closed()) {
      for (const name of route.query.filter((each) => OWNED.includes(each))) {
        const answer = await ask(route, alder, mine, { [name]: String(IDS[name]!(birch)) })
        if (![403, 404].includes(answer.status)) found.push(`${nameOf(route)}?${name}: ${answer.status}`)
      }
    }
    expect(found).toEqual([])
  })

  it('sees its own at every route that only reads, and never another one’s', async () => {
    const found: string[] = []
    for (const route of closed().filter(({ method }) => method === 'GET')) {
      const answer = await ask(route, alder, mine)
      const text = await textOf(answer)
      // Something for administrators alone is no partner's own.
      if (answer.status !== 200 && answer.status !== 403)
        found.push(`${nameOf(route)}: ${answer.status} ${text}`)
      if (text.includes('birch')) found.push(`${nameOf(route)} tells of another one: ${text}`)
    }
    expect(found).toEqual([])
    expect(api.failures).toEqual([])
  })

  it('with a refused secret sees nothing of the account that it shares', async () => {
    const willow = await seedPartner(api.db, 'willow', { principal: 'client-birch', state: 'Refused' })
    const token = await api.token(willow.partnerId)
    const found: string[] = []
    for (const route of closed().filter(({ params }) =>
      params.some((name) => ['account', 'hold'].includes(name)),
    )) {
      const answer = await ask(route, birch, token)
      if (answer.status !== 404) found.push(`${nameOf(route)}: ${answer.status}`)
    }
    expect(found).toEqual([])
  })
})

describe('an administrator', () => {
  it('sees all, and neither secret, sealed secret, token nor hash', async () => {
    const { rows } = await sql<{
      hash: string
    }>`SELECT encode(token_hash, 'hex') AS hash FROM api_tokens`.execute(api.db)
    const found: string[] = []
    for (const route of closed().filter(({ method }) => method === 'GET')) {
      const answer = await ask(route, birch, admin)
      const text = await textOf(answer)
      if (answer.status !== 200) found.push(`${nameOf(route)}: ${answer.status} ${text}`)
      // A freeze's signature is there to be shown; in whatever else looks like a token, it is one.
      const rest = text.replaceAll(/"signature":"[\w-]+\.[\w-]*\.[\w-]+"/g, '')
      const isTold = /sealed|slt_|legacy|eyJ/.test(rest) || rows.some(({ hash }) => text.includes(hash))
      if (isTold) found.push(`${nameOf(route)} tells a secret: ${text}`)
    }
    expect(found).toEqual([])
  })
})

describe('nobody', () => {
  it('is let in: without a token, with one that is unknown, expired, revoked, or no token at all', async () => {
    const make = (expiresAt: number | null) => createToken(api.db, { name: 'x', partnerId: null, expiresAt })
    const [expired, revoked] = [await make(api.clock.now() - 1), await make(null)]
    await revokeToken(api.db, revoked.tokenId)
    const tokens = [null, `slt_${'A'.repeat(43)}`, 'x', expired.token, revoked.token]
    const found: string[] = []
    for (const route of closed()) {
      for (const token of tokens) {
        const answer = await ask(route, alder, token)
        const { code } = (await answer.json()) as { code: string }
        if (answer.status !== 401 || code !== 'SIGN_IN_NEEDED')
          found.push(`${nameOf(route)}: ${answer.status}`)
      }
    }
    expect(found).toEqual([])
  })
})
