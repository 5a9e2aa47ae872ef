import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { startWebhook } from '../../alerts/receivers.ts'
import { json, post, type ServedFeeds, serveFeeds } from './serve-feeds.ts'

let api: ServedFeeds['api']
let at: ServedFeeds['at']
let mine: ServedFeeds['mine']
let admin: ServedFeeds['admin']
beforeEach(async () => {
  ;({ api, at, mine, admin } = await serveFeeds())
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
