import { z } from '@hono/zod-openapi'
import { cadenceText, storedCadence } from '../../domain/cadence.ts'
import type { EventLine } from '../../store/overview/event-lines.ts'
import { Instant, iso } from './area.ts'
import { eventKeyText } from './event-key.ts'

export const EventSchema = z
  .object({
    key: z.string().openapi({ description: 'For addresses, percent-encoded', example: 'haku:3:5f3a91c2' }),
    provider: z.enum(['haku', 'runsignup']),
    partnerId: z.int(),
    partner: z.string(),
    eventId: z.string(),
    name: z.string(),
    race: z.string().nullable().openapi({ description: 'The race that lists it with others, at RunSignUp' }),
    accountId: z.int().nullable().openapi({ description: 'Null when no credential feeds it' }),
    startsAt: Instant.nullable(),
    startDay: z
      .string()
      .nullable()
      .openapi({ description: 'A day without a time of day', example: '2026-05-02' }),
    endsAt: Instant.nullable(),
    endDay: z.string().nullable(),
    timezone: z
      .string()
      .nullable()
      .openapi({ description: 'IANA; null: nobody knows it', example: 'America/New_York' }),
    startAssumed: z.boolean().openapi({ description: '`startsAt` was read in New York, for lack of a zone' }),
    cadence: z.string(),
    bibAuthority: z.enum(['provider', 'local']),
    status: z.string().nullable().openapi({ description: 'As the provider has it' }),
    missing: z
      .boolean()
      .openapi({ description: 'The provider does not list it any more; its rows are kept' }),
    current: z.boolean().openapi({ description: 'The partner’s rows are as new as the account’s' }),
    polledAt: Instant.nullable().openapi({ description: 'The list was last looked at' }),
    sweptAt: Instant.nullable().openapi({ description: 'The list was last read whole' }),
    completeAt: Instant.nullable().openapi({
      description: 'Nothing was missing then; null: not complete yet',
    }),
    failures: z.int().openapi({ description: 'Passes in a row that failed' }),
    lastError: z.string().nullable(),
  })
  .openapi('Event')

/** An event as the API shows it. */
export function eventOf(line: EventLine): z.infer<typeof EventSchema> {
  const { provider, partnerId, partner, eventId, name, race, accountId, startDay, endDay, timezone } = line
  return {
    key: eventKeyText(line),
    ...{ provider, partnerId, partner, eventId, name, race, accountId, startDay, endDay, timezone },
    startsAt: iso(line.startsAt),
    endsAt: iso(line.endsAt),
    startAssumed: line.assumed,
    cadence: cadenceText(storedCadence(line.cadence)),
    bibAuthority: line.bibAuthority,
    status: line.status,
    missing: line.missing,
    current: line.state === 'current',
    polledAt: iso(line.polledAt),
    sweptAt: iso(line.sweptAt),
    completeAt: iso(line.completeAt),
    failures: line.failures,
    lastError: line.lastError,
  }
}
