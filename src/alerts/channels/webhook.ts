import { Webhook } from 'standardwebhooks'
import { StartlistError } from '../../domain/errors.ts'
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
  const signer = secret === null ? null : new Webhook(secret)
  return {
    name: 'webhook',
    async send(parcel) {
      const body = bodyOf(parcel)
      const id = `msg_${parcel.messageId}`
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        'user-agent': 'startlist',
        'webhook-id': id,
        // Whole seconds, as they are signed.
        'webhook-timestamp': String(Math.floor(parcel.at / 1000)),
      }
      if (signer !== null) headers['webhook-signature'] = signer.sign(id, new Date(parcel.at), body)
      const status = await post(url, headers, body)
      if (status < 200 || status > 299)
        throw new StartlistError('ALERT_UNDELIVERED', `the webhook answered ${status}`)
    },
  }
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
  try {
    // A redirect would carry the signature to an address that nobody chose.
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    const why = isLate ? `did not answer within ${PATIENCE_MS / 1000} s` : 'could not be reached'
    throw new StartlistError('ALERT_UNDELIVERED', `the webhook ${why}`, { cause: error })
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
