import { createRoute, z } from '@hono/zod-openapi'
import { StartlistError } from '../../domain/errors.ts'
import {
  listParticipants,
  listVersion,
  type ParticipantRow,
  readParticipant,
} from '../../store/overview/participant-pages.ts'
import { answers, Instant, newArea } from './area.ts'
import { notModified } from './etag.ts'
import { EventParam } from './event-key.ts'
import { PageQuery, pageFrom, pageOf, readCursor } from './pages.ts'

/** Registrations of an event. */
export const participants = newArea()

const Participant = z
  .object({
    id: z
      .string()
      .openapi({ description: 'The registration number: it never changes, and is never the bib' }),
    bib: z.string().nullable().openapi({ description: 'The one to start with' }),
    providerBib: z.string().nullable(),
    localBib: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    gender: z.string().nullable().openapi({ description: 'As the provider spells it' }),
    age: z.int().nullable().openapi({ description: 'On race day where it can be told, else as listed' }),
    dateOfBirth: z.string().nullable(),
    category: z.string().nullable(),
    wave: z.string().nullable(),
    corral: z.string().nullable(),
    team: z.string().nullable(),
    chip: z.string().nullable(),
    status: z.string().openapi({ example: 'active' }),
    registeredAt: Instant.nullable(),
    removedAt: Instant.nullable(),
  })
  .openapi('Participant')

const ParticipantDetail = Participant.extend({
  email: z.string().nullable(),
  phone: z.string().nullable(),
  successor: z.string().nullable().openapi({ description: 'The registration that took its place' }),
  pending: z.boolean().openapi({ description: 'Its detail is still to be read, and so perhaps its bib' }),
  detailReadAt: Instant.nullable(),
  sourceUpdatedAt: Instant.nullable().openapi({ description: 'When the provider says that it last changed' }),
}).openapi('ParticipantDetail')

const list = createRoute({
  method: 'get',
  path: '/events/{event}/participants',
  tags: ['Participants'],
  summary: 'Registrations of an event, by name',
  description: 'With `If-None-Match` an unchanged page costs no look at the registrations, and answers 304.',
  request: {
    params: z.object({ event: EventParam }),
    query: PageQuery.extend({
      q: z.string().max(100).optional().openapi({ description: 'Words of name, team, bib or number' }),
      status: z
        .enum(['active', 'cancelled', 'transferred', 'deferred', 'removed'])
        .optional()
        .openapi({ description: 'Without one: all that are not removed' }),
      category: z.string().max(200).optional(),
      wave: z.string().max(200).optional(),
    }),
  },
  responses: {
    ...answers(pageOf(Participant, 'ParticipantPage'), 'A page of registrations'),
    304: { description: 'As `If-None-Match` has it' },
  },
})

participants.openapi(list, async (c) => {
  const { call } = c.var
  const { limit, cursor, ...filter } = c.req.valid('query')
  const after = readCursor(cursor, z.string().max(200))
  const { event: key } = c.req.valid('param')
  // Before the rows: they may be newer than what they are called, and are then sent once more.
  const version = await listVersion(call.owner, key)
  return call.readEvent(key, async (trx, event) => {
    const same = notModified(c, version)
    if (same !== null) return same as never
    const rows = await listParticipants(trx, event, { ...filter, after, limit: limit + 1 })
    return c.json(
      pageFrom(rows, limit, participantOf, (row) => row.registration),
      200,
    )
  })
})

const one = createRoute({
  method: 'get',
  path: '/events/{event}/participants/{participantId}',
  tags: ['Participants'],
  summary: 'One registration',
  request: { params: z.object({ event: EventParam, participantId: z.string().min(1).max(200) }) },
  responses: answers(ParticipantDetail, 'The registration'),
})

participants.openapi(one, async (c) => {
  const { call } = c.var
  const { event: key, participantId } = c.req.valid('param')
  const row = await call.readEvent(key, (trx, event) => readParticipant(trx, event, participantId))
  if (row === null)
    throw new StartlistError('NO_SUCH_PARTICIPANT', `there is no registration ${participantId}`)
  const { email, phone, successor, details, detailReadAt, sourceUpdatedAt } = row
  const more = { email, phone, successor, pending: details === 'pending', detailReadAt, sourceUpdatedAt }
  return c.json({ ...participantOf(row), ...more }, 200)
})

function participantOf(row: ParticipantRow): z.infer<typeof Participant> {
  const { bib, providerBib, localBib, firstName, lastName, gender, age, dateOfBirth } = row
  const { category, wave, corral, team, chip, status, registeredAt, removedAt } = row
  return {
    id: row.registration ?? '',
    ...{ bib, providerBib, localBib, firstName, lastName, gender, age, dateOfBirth },
    ...{ category, wave, corral, team, chip, status, registeredAt, removedAt },
  }
}
