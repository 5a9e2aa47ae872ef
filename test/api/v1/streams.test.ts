import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { change } from '../../feed/feeds.ts'
import { path, type ServedFeeds, serveFeeds } from './serve-feeds.ts'

let api: ServedFeeds['api']
let at: ServedFeeds['at']
let other: ServedFeeds['other']
let mine: ServedFeeds['mine']
beforeEach(async () => {
  ;({ api, at, other, mine } = await serveFeeds())
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
