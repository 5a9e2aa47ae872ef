import { createRoute, z } from '@hono/zod-openapi'
import { requirePartner } from '../../cli/accounts.ts'
import { StartlistError } from '../../domain/errors.ts'
import {
  addWebhook,
  enableWebhook,
  listWebhooks,
  removeWebhook,
  type Webhook,
} from '../../store/webhooks/book.ts'
import { type Delivery, listDeliveries } from '../../store/webhooks/deliveries.ts'
import { assertWebhookUrl } from '../../webhooks/addresses.ts'
import { sendTest } from '../../webhooks/deliver.ts'
import { newSecret } from '../../webhooks/secret.ts'
import { answers, Instant, iso, jsonBody, newArea, problems, RowId } from './area.ts'
import type { Call } from './context.ts'

/** Webhooks that carry a timing partner's changes. */
export const webhooks = newArea()

const WebhookSchema = z
  .object({
    id: z.int(),
    partnerId: z.int(),
    url: z.string(),
    madeAt: Instant,
    failingSince: Instant.nullable().openapi({ description: 'Nothing has arrived since' }),
    disabledAt: Instant.nullable(),
    disabledReason: z.string().nullable(),
    waiting: z.int().openapi({ description: 'Deliveries that are still tried' }),
    givenUp: z
      .int()
      .openapi({ description: 'Deliveries that are not; a test that arrives tries them again' }),
  })
  .openapi('Webhook')

function webhookOf({ webhookId: id, mayBeLocal: _, ...webhook }: Webhook): z.infer<typeof WebhookSchema> {
  const { madeAt, failingSince, disabledAt } = webhook
  return {
    ...{ id, ...webhook },
    ...{ madeAt: iso(madeAt), failingSince: iso(failingSince), disabledAt: iso(disabledAt) },
  }
}

const list = createRoute({
  method: 'get',
  path: '/webhooks',
  tags: ['Webhooks'],
  summary: 'Webhooks, never their secrets',
  responses: answers(
    z.object({ items: z.array(WebhookSchema), next: z.null() }).openapi('WebhookPage'),
    'All webhooks',
  ),
})

webhooks.openapi(list, async (c) => {
  const { call } = c.var
  const all = await call.read((trx) => listWebhooks(trx, call.only))
  return c.json({ items: all.map(webhookOf), next: null }, 200)
})

const add = createRoute({
  method: 'post',
  path: '/webhooks',
  tags: ['Webhooks'],
  summary: 'Post changes to an address from now on',
  description: 'The signing secret is in this answer, and in no other.',
  request: {
    body: jsonBody(
      z
        .object({
          url: z.string().max(2_000).openapi({ example: 'https://timing.example.com/startlist' }),
          partnerId: RowId.optional().openapi({ description: 'Whose changes: an administrator has to say' }),
        })
        .openapi('NewWebhook'),
    ),
  },
  responses: answers(
    WebhookSchema.extend({ secret: z.string().openapi({ example: 'whsec_...' }) }).openapi('AddedWebhook'),
    'It is added',
    201,
  ),
})

webhooks.openapi(add, async (c) => {
  const { call, services } = c.var
  const { url, partnerId: asked } = c.req.valid('json')
  const partnerId = call.caller.partnerId ?? asked
  if (partnerId === undefined) throw new StartlistError('BAD_INPUT', 'partnerId: whose changes?')
  if (asked !== undefined && asked !== partnerId)
    throw new StartlistError('NO_SUCH_PARTNER', `there is no timing partner ${asked}`)
  if (call.caller.partnerId === null) await requirePartner(call.owner, partnerId)
  // Who runs startlist may name this machine; a token of a timing partner must not look around on it.
  const mayBeLocal = call.caller.partnerId === null
  assertWebhookUrl(url, { networks: services.config.webhookNetworks, mayBeLocal })
  const secret = newSecret()
  const webhookId = await addWebhook(call.owner, services.key, { partnerId, url, secret, mayBeLocal })
  return c.json({ ...webhookOf(await found(call, webhookId)), secret }, 201)
})

const Params = z.object({ webhook: RowId })

const remove = createRoute({
  method: 'delete',
  path: '/webhooks/{webhook}',
  tags: ['Webhooks'],
  summary: 'Post nothing there any more',
  request: { params: Params },
  responses: { 204: { description: 'It is gone' }, ...problems },
})

webhooks.openapi(remove, async (c) => {
  const { webhookId } = await found(c.var.call, c.req.valid('param').webhook)
  await removeWebhook(c.var.call.owner, webhookId)
  return c.body(null, 204)
})

const test = createRoute({
  method: 'post',
  path: '/webhooks/{webhook}/test',
  tags: ['Webhooks'],
  summary: 'Send a message now',
  description: 'One that arrives switches a webhook on again, and what it has missed is sent.',
  request: { params: Params },
  responses: answers(WebhookSchema, 'It arrived'),
})

webhooks.openapi(test, async (c) => {
  const { call, services } = c.var
  const webhook = await found(call, c.req.valid('param').webhook)
  const { db, clock, key, config } = services
  await sendTest({ db, clock, key, networks: config.webhookNetworks }, webhook)
  await enableWebhook(call.owner, webhook.webhookId)
  return c.json(webhookOf(await found(call, webhook.webhookId)), 200)
})

const DeliverySchema = z
  .object({
    id: z.string().openapi({ description: 'The `webhook-id` of each try, and `event_id` of its body' }),
    event: z.string().openapi({ description: 'The list that changed', example: 'haku:3:5f3a91c2' }),
    after: z.int(),
    until: z.int().openapi({ description: 'The position of the last change in it' }),
    attempts: z.int(),
    madeAt: Instant,
    triedAt: Instant.nullable(),
    deliveredAt: Instant.nullable(),
    givenUpAt: Instant.nullable(),
    nextAt: Instant.nullable(),
    status: z.int().nullable().openapi({ description: 'Of the last answer; null when there was none' }),
    error: z.string().nullable(),
  })
  .openapi('Delivery')

const deliveries = createRoute({
  method: 'get',
  path: '/webhooks/{webhook}/deliveries',
  tags: ['Webhooks'],
  summary: 'Its last deliveries, newest first',
  request: {
    params: Params,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  },
  responses: answers(
    z.object({ items: z.array(DeliverySchema), next: z.null() }).openapi('DeliveryPage'),
    'The last ones',
  ),
})

webhooks.openapi(deliveries, async (c) => {
  const { call } = c.var
  const { webhookId } = await found(call, c.req.valid('param').webhook)
  const all = await call.read((trx) => listDeliveries(trx, webhookId, c.req.valid('query').limit))
  return c.json({ items: all.map(deliveryOf), next: null }, 200)
})

function deliveryOf(delivery: Delivery): z.infer<typeof DeliverySchema> {
  const { deliveryId, provider, partnerId, eventId, after, until, attempts, status, error } = delivery
  return {
    id: `msg_${deliveryId}`,
    event: `${provider}:${partnerId}:${eventId}`,
    ...{ after, until, attempts, status, error },
    madeAt: iso(delivery.madeAt),
    triedAt: iso(delivery.triedAt),
    deliveredAt: iso(delivery.deliveredAt),
    givenUpAt: iso(delivery.givenUpAt),
    nextAt: iso(delivery.nextAt),
  }
}

/** @throws StartlistError NO_SUCH_WEBHOOK for another's as well */
async function found(call: Call, webhookId: number): Promise<Webhook> {
  const [webhook] = await call.read((trx) => listWebhooks(trx, { webhookId, ...call.only }))
  if (webhook === undefined) throw new StartlistError('NO_SUCH_WEBHOOK', `there is no webhook ${webhookId}`)
  return webhook
}
