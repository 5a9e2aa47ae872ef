import { StartlistError } from '../../domain/errors.ts'
import { post } from '../../webhooks/post.ts'
import { type Channel, PATIENCE_MS, type Parcel } from '../channel.ts'
import { subjectOf, textOf } from '../message.ts'

/** Where alerts are posted to. */
export interface WebhookSettings {
  url: string
  /** `whsec_...`; null: what is sent is not signed */
  secret: string | null
}

/**
 * Posts JSON that Slack's incoming webhooks show, and that programs can read: `type`, `timestamp`, `text` and `data`.
 * Signed by Standard Webhooks; `webhook-id` is the same at every try.
 * @see https://www.standardwebhooks.com
 */
export function webhookChannel({ url, secret }: WebhookSettings): Channel {
  return {
    name: 'webhook',
    async send(parcel) {
      const id = `msg_${parcel.messageId}`
      const { at } = parcel
      const message = { url, secret, id, at, body: bodyOf(parcel), patienceMs: PATIENCE_MS }
      const status = await post(message).catch((cause: Error) => {
        throw new StartlistError('ALERT_UNDELIVERED', cause.message, { cause })
      })
      if (status < 200 || status > 299)
        throw new StartlistError('ALERT_UNDELIVERED', `the webhook answered ${status}`)
    },
  }
}

function bodyOf({ message, at }: Parcel): string {
  const alerts = message.news.map(({ since, ...news }) => ({ ...news, since: new Date(since).toISOString() }))
  return JSON.stringify({
    type: 'startlist.alerts',
    timestamp: new Date(at).toISOString(),
    text: forSlack(`${subjectOf(message)}\n${textOf(message)}`),
    data: { alerts, more: message.more },
  })
}

/** A race called `<!channel>` must not wake a channel. */
function forSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
