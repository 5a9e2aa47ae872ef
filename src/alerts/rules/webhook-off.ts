import { listWebhooks, type Webhook } from '../../store/webhooks/book.ts'
import { type Alert, instantText, rule } from '../rule.ts'

/** A webhook was switched off: its timing partner is told of no change any more. */
export const webhookOff = rule({
  name: 'webhook-off',
  every: 5 * 60_000,
  read: ({ db }) => listWebhooks(db),
  judge: judgeWebhooks,
})

export function judgeWebhooks(webhooks: readonly Webhook[]): Alert[] {
  return webhooks.flatMap(({ webhookId, partnerId, disabledAt, disabledReason }) =>
    disabledAt === null
      ? []
      : {
          key: `webhook-off:${webhookId}`,
          message: `webhook ${webhookId} of timing partner ${partnerId} is switched off since ${instantText(disabledAt)}: ${disabledReason}`,
          hint: `Repair the receiver, then startlist webhooks test ${webhookId}: it is sent what it has missed.`,
        },
  )
}
