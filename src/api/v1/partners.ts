import { createRoute, z } from '@hono/zod-openapi'
import { adviceFor, isUsable, shortId } from '../../status/credentials.ts'
import { credentialOverview } from '../../store/overview/credentials.ts'
import { listPartners } from '../../store/partners.ts'
import { answers, Instant, iso, newArea } from './area.ts'
import { pageOf } from './pages.ts'

/** Timing partners and their credentials; never a secret. */
export const partners = newArea()

const Partner = z
  .object({
    id: z.int(),
    name: z.string(),
    timezone: z.string().nullable(),
    cadence: z.string().nullable().openapi({ description: 'Of its events; null for the default' }),
    retentionDays: z.int().nullable(),
    credentials: z.int(),
    events: z.int(),
  })
  .openapi('Partner')

const list = createRoute({
  method: 'get',
  path: '/partners',
  tags: ['Partners'],
  summary: 'Timing partners; to one of them itself alone',
  responses: answers(pageOf(Partner, 'PartnerPage'), 'Timing partners by id'),
})

partners.openapi(list, async (c) => {
  const found = await c.var.call.read((trx) => listPartners(trx, c.var.call.only))
  const items = found.map(({ partnerId, keptParts: _, ...partner }) => ({ id: partnerId, ...partner }))
  return c.json({ items, next: null }, 200)
})

const Credential = z
  .object({
    id: z.int(),
    partnerId: z.int(),
    partner: z.string(),
    organization: z.string().nullable(),
    provider: z.string(),
    clientId: z.string().openapi({ description: 'Its first ten characters' }),
    accountId: z.int().nullable(),
    state: z.enum(['Ready', 'Refused', 'Untested', 'Paused']),
    why: z.string().nullable(),
    hint: z.string().nullable().openapi({ description: 'What to do; null when it works' }),
    shared: z
      .boolean()
      .openapi({ description: 'Another credential has its client id: one account, one quota' }),
    events: z.int(),
    lastSuccess: Instant.nullable(),
  })
  .openapi('Credential')

const credentials = createRoute({
  method: 'get',
  path: '/credentials',
  tags: ['Partners'],
  summary: 'Credentials and whether they work; never a secret',
  responses: answers(pageOf(Credential, 'CredentialPage'), 'Credentials by partner'),
})

partners.openapi(credentials, async (c) => {
  const found = await c.var.call.read((trx) => credentialOverview(trx, c.var.call.only))
  const items = found.map((credential) => {
    const { credentialId, partnerId, partner, organization, provider, accountId, state, why } = credential
    const isWell = isUsable(credential) && state === 'Ready'
    return {
      id: credentialId,
      ...{ partnerId, partner, organization, provider, accountId, state, why },
      clientId: shortId(credential.clientId),
      hint: isWell ? null : adviceFor(credential).hint,
      ...{ shared: credential.shared, events: credential.events, lastSuccess: iso(credential.lastSuccess) },
    }
  })
  return c.json({ items, next: null }, 200)
})
