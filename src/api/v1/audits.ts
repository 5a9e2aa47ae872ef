import { createRoute, z } from '@hono/zod-openapi'
import { listAudits } from '../../store/audit/overview.ts'
import { answers, Instant, iso, newArea } from './area.ts'
import { pageOf } from './pages.ts'

/** Whether what is stored is what it should be, as the last audits found. */
export const audits = newArea()

const Audit = z
  .object({
    provider: z.string(),
    partnerId: z.int(),
    listId: z.string(),
    name: z.string(),
    auditedAt: Instant,
    complete: z.boolean(),
    ours: z.int().openapi({ description: 'Registrations that are stored' }),
    theirs: z.int().nullable().openapi({ description: 'That the provider counts; null where it does not' }),
    verdict: z.string(),
    sampled: z.int().openapi({ description: 'Registrations that were read one by one' }),
    blind: z.int().openapi({ description: 'Of these changed behind an unchanged list row' }),
    calls: z.int(),
    findings: z
      .array(
        z.object({
          kind: z.enum(['count', 'row', 'feed']),
          participantId: z.string().nullable(),
          fields: z.array(z.string()).openapi({ description: 'Names of columns, never values' }),
          firstSeen: Instant,
        }),
      )
      .openapi({ description: 'Fifty at most' }),
  })
  .openapi('Audit')

const list = createRoute({
  method: 'get',
  path: '/audits',
  tags: ['Audits'],
  summary: 'The last audit of each event, those with findings first',
  responses: answers(pageOf(Audit, 'AuditPage'), 'Audits'),
})

audits.openapi(list, async (c) => {
  const { call } = c.var
  // Audits are not a tenant's to read: asked as the owner, for one timing partner's.
  const lines = await listAudits(call.owner, { partnerId: call.caller.partnerId })
  const items = lines.map(({ auditedAt, findings, ...line }) => ({
    ...line,
    auditedAt: iso(auditedAt),
    findings: findings.map(({ key, ...finding }) => ({ ...finding, participantId: key === '' ? null : key })),
  }))
  return c.json({ items, next: null }, 200)
})
