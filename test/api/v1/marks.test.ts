import { beforeEach, expect, it } from 'vitest'
import { change } from '../../feed/feeds.ts'
import { json, path, post, type ServedFeeds, serveFeeds } from './serve-feeds.ts'

let api: ServedFeeds['api']
let at: ServedFeeds['at']
let mine: ServedFeeds['mine']
beforeEach(async () => {
  ;({ api, at, mine } = await serveFeeds())
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
