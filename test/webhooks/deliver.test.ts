import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as others } from 'node:timers/promises'
import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { judgeWebhooks } from '../../src/alerts/rules/webhook-off.ts'
import { startWebhooks } from '../../src/cli/run-webhooks.ts'
import { systemClock, VirtualClock } from '../../src/domain/clock.ts'
import { FeedHub } from '../../src/feed/hub.ts'
import { isSealed } from '../../src/store/secrets.ts'
import {
  addWebhook,
  enableWebhook,
  listWebhooks,
  removeWebhook,
  webhookSecret,
} from '../../src/store/webhooks/book.ts'
import { claimDelivery, listDeliveries, makeDeliveries } from '../../src/store/webhooks/deliveries.ts'
import { deliverChanges, sendTest } from '../../src/webhooks/deliver.ts'
import { startWebhook } from '../alerts/receivers.ts'
import { change, seedFeed } from '../feed/feeds.ts'
import { testDatabase } from '../helpers/database.ts'

const KEY = Buffer.alloc(32, 9).toString('base64')
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function scene({ changes = 0, mayBeLocal = true }: { changes?: number; mayBeLocal?: boolean } = {}) {
  // Signatures are only believed near the present.
  const clock = new VirtualClock(Math.floor(performance.timeOrigin + performance.now()))
  const database = await testDatabase({ virtualClock: clock })
  const { db } = database
  const receiver = await startWebhook()
  onTestFinished(() => receiver.stop())
  const at = await seedFeed(db)
  if (changes > 0) await change(db, at, changes)
  const { partnerId } = at
  const id = await addWebhook(db, KEY, { partnerId, url: receiver.url, secret: SECRET, mayBeLocal })
  const sources = { db, clock, key: KEY, networks: [] }
  const told: object[] = []
  const report = {
    undeliveredChanges: (failed: object) => told.push(failed),
    webhookDisabled: (disabled: object) => told.push(disabled),
    problem: (error: unknown) => {
      throw error
    },
  }
  const deliver = () => deliverChanges(sources, report, new AbortController().signal)
  const bodies = () => receiver.posted.map(({ body }) => JSON.parse(body))
  return { ...{ clock, db, database, receiver, at, id, sources, told, report, deliver, bodies } }
}

it('posts what changed since it was added, signed, in batches, and once', async () => {
  const { db, at, deliver, receiver, bodies } = await scene({ changes: 7 })
  await deliver()
  expect(receiver.posted).toEqual([])
  await change(db, at, 230)
  await deliver()
  await deliver()
  const stretches = bodies().map(({ data }) => [data.after, data.until, data.changes.length])
  expect(stretches.toSorted((a, b) => a[0] - b[0])).toEqual([
    [7, 107, 100],
    [107, 207, 100],
    [207, 237, 30],
  ])
  const { headers, body } = receiver.posted[0]!
  const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>)
  expect(verified).toMatchObject({
    type: 'startlist.changes',
    event_id: headers['webhook-id'],
    data: {
      event: `haku:${at.partnerId}:dawn`,
      changes: expect.arrayContaining([
        expect.objectContaining({
          participantId: 'r1',
          change: 'changed',
          fields: { bib_number: ['1', '2'] },
        }),
      ]),
    },
  })
  expect(new Set(receiver.posted.map((one) => one.headers['webhook-id'])).size).toBe(3)
})

it('tells all of a list that comes later', async () => {
  const { db, at, deliver, bodies } = await scene()
  await sql`INSERT INTO partner_sync (provider, timing_partner_id, event_id, account_id)
    SELECT provider, timing_partner_id, 'dusk', account_id FROM partner_sync`.execute(db)
  await change(db, { ...at, eventId: 'dusk' }, 3)
  await deliver()
  expect(bodies().map(({ data }) => data.changes.length)).toEqual([3])
})

it('tries again after 10 s, 1 min, 10 min, 1 h and 12 h, with the same id, and then gives up', async () => {
  const { db, at, id, clock, deliver, receiver, told } = await scene()
  await change(db, at)
  receiver.answers.push(...Array(6).fill(500))
  await deliver()
  for (const wait of [10_000, MINUTE, 10 * MINUTE, HOUR, 12 * HOUR]) {
    const before = receiver.posted.length
    clock.advance(wait - 1_000)
    await deliver()
    expect(receiver.posted).toHaveLength(before)
    clock.advance(1_000)
    await deliver()
    expect(receiver.posted).toHaveLength(before + 1)
  }
  clock.advance(20 * 24 * HOUR)
  await deliver()
  expect(receiver.posted).toHaveLength(6)
  expect(new Set(receiver.posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(told).toHaveLength(6)
  expect(await listWebhooks(db, { webhookId: id })).toMatchObject([{ givenUp: 1, waiting: 0 }])
})

it('is on again, and sends what was given up, when a test arrives', async () => {
  const { db, at, id, clock, deliver, receiver, sources } = await scene()
  receiver.answers.push(410)
  await change(db, at)
  await deliver()
  expect(await listWebhooks(db)).toMatchObject([{ disabledAt: expect.any(Number) }])
  await change(db, at, 2)
  clock.advance(HOUR)
  await deliver()
  expect(receiver.posted).toHaveLength(1)
  const [webhook] = await listWebhooks(db, { webhookId: id })
  await sendTest(sources, webhook!)
  await enableWebhook(db, id)
  await deliver()
  const all = receiver.posted.slice(2).map(({ body }) => JSON.parse(body).data)
  expect(
    all
      .flatMap(({ changes }) => changes)
      .map(({ position }) => position)
      .toSorted(),
  ).toEqual([1, 2, 3])
})

it('switches off a webhook at which nothing arrives for three days, and an alert says so', async () => {
  const { db, at, id, clock, deliver, receiver, told } = await scene()
  receiver.answers.push(...Array(200).fill(503))
  for (let hours = 0; hours < 96; hours += 6) {
    await change(db, at)
    await deliver()
    clock.advance(6 * HOUR)
  }
  expect(told).toContainEqual({ webhookId: id, reason: 'nothing has arrived for three days' })
  const off = await listWebhooks(db)
  expect(off).toMatchObject([{ disabledReason: 'nothing has arrived for three days' }])
  expect(judgeWebhooks(off)).toMatchObject([{ key: `webhook-off:${id}` }])
  const tried = receiver.posted.length
  await deliver()
  expect(receiver.posted).toHaveLength(tried)
})

it('a delivery that its process died with is sent again, with the same id', async () => {
  const { db, at, id, clock, deliver, receiver } = await scene()
  await change(db, at)
  await makeDeliveries(db)
  const claimed = await claimDelivery(db, id)
  await deliver()
  expect(receiver.posted).toEqual([])
  clock.advance(10_000)
  await deliver()
  expect(receiver.posted.map(({ headers }) => headers['webhook-id'])).toEqual([`msg_${claimed?.deliveryId}`])
})

it('leaves a webhook alone whose deliveries another process is making', async () => {
  const { db, at } = await scene()
  await change(db, at, 5)
  const other = await db.startTransaction().execute()
  await sql`SELECT FROM webhooks FOR UPDATE`.execute(other)
  expect(await makeDeliveries(db)).toBe(0)
  await other.rollback().execute()
  expect(await makeDeliveries(db)).toBe(1)
})

it('many processes make and send each delivery once', async () => {
  const { db, at, deliver, bodies } = await scene()
  await change(db, at, 1_500)
  await Promise.all(Array.from({ length: 6 }, deliver))
  const positions = bodies().flatMap(({ data }) =>
    data.changes.map((one: { position: number }) => one.position),
  )
  expect(positions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_500 }, (_, i) => i + 1))
})

it('keeps no more than some deliveries while a receiver is away, and loses nothing', async () => {
  const { db, at, id, deliver, receiver, clock, bodies } = await scene()
  receiver.answers.push(500)
  await change(db, at, 12_000)
  await deliver()
  expect((await listWebhooks(db, { webhookId: id }))[0]?.waiting).toBeLessThanOrEqual(50)
  clock.advance(MINUTE)
  await deliver()
  const arrived = bodies().slice(1)
  expect(arrived.reduce((sum, { data }) => sum + data.changes.length, 0)).toBe(12_000)
}, 60_000)

it('does not follow a redirect, and does not wait for longer than 5 s', async () => {
  const { db, at, clock, deliver, receiver, told } = await scene()
  receiver.answers.push(302)
  await change(db, at)
  await deliver()
  expect(told).toMatchObject([{ error: 'the webhook answered 302' }])
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    silent.closeAllConnections()
    silent.close()
  })
  await sql`UPDATE webhooks SET url = ${`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`}`.execute(
    db,
  )
  clock.advance(MINUTE)
  const began = performance.now()
  await deliver()
  expect(told[1]).toMatchObject({ error: 'the webhook did not answer within 5 s' })
  expect(performance.now() - began).toBeGreaterThan(4_500)
}, 30_000)

it('does not reach this machine or a private network for who was not allowed to', async () => {
  const { db, at, id, clock, deliver, receiver, told } = await scene({ mayBeLocal: false })
  await change(db, at)
  await deliver()
  const port = new URL(receiver.url).port
  for (const host of ['localhost', '10.0.0.1', '[::ffff:127.0.0.1]']) {
    await sql`UPDATE webhooks SET url = ${`http://${host}:${port}/`}`.execute(db)
    clock.advance(HOUR)
    await deliver()
  }
  expect(told).toHaveLength(4)
  for (const one of told)
    expect(one).toMatchObject({ error: 'the webhook is at an address of a private network' })
  expect(receiver.posted).toEqual([])
  expect(await listDeliveries(db, id, 10)).toMatchObject([{ attempts: 4, status: null }])
})

it('says what a purge took from a delivery', async () => {
  const { db, at, deliver, bodies } = await scene()
  await change(db, at, 5)
  await sql`UPDATE partner_sync SET feed_purged = 3`.execute(db)
  await sql`DELETE FROM participant_changes WHERE position <= 3`.execute(db)
  await deliver()
  expect(bodies()).toMatchObject([{ data: { after: 0, until: 5, purgedUntil: 3, changes: [{}, {}] } }])
})

it('has a sealed secret, which goes with it', async () => {
  const { db, id, at } = await scene()
  const stored = await webhookSecret(db, id)
  expect(isSealed(stored ?? '')).toBe(true)
  await change(db, at)
  await makeDeliveries(db)
  expect(await removeWebhook(db, id)).toBe(true)
  expect(await removeWebhook(db, id)).toBe(false)
  expect(await listDeliveries(db, id, 10)).toEqual([])
})

it('ends with the post under way, and nothing fails unheard, when it is stopped amid one', async () => {
  const { db, database, at, sources, report } = await scene()
  const { promise: posted, resolve } = Promise.withResolvers<() => void>()
  const slow = createServer((_, response) => resolve(() => response.end())).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  onTestFinished(() => void slow.close())
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`
  await addWebhook(db, KEY, { partnerId: at.partnerId, url, secret: SECRET, mayBeLocal: true })
  const hub = new FeedHub({ db, url: database.url, clock: systemClock, onProblem: report.problem })
  hub.start()
  onTestFinished(() => hub.stop())
  const unheard: unknown[] = []
  const hear = (error: unknown) => unheard.push(error)
  process.on('unhandledRejection', hear)
  onTestFinished(() => void process.off('unhandledRejection', hear))
  await change(db, at, 3)
  // From then on there is no news, and what waits for some waits until it is stopped.
  while (!hub.listening) await others()
  const webhooks = startWebhooks({ ...sources, config: { webhookNetworks: [] } }, hub, report)
  const answer = await posted
  const ended = webhooks.stop()
  await others()
  answer()
  await ended
  expect(unheard).toEqual([])
})
