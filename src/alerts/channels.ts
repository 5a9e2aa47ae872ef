import type { AlertConfig } from '../config/alerts.ts'
import type { Channel } from './channel.ts'
import { mailChannel } from './channels/email.ts'
import { webhookChannel } from './channels/webhook.ts'

/** The channels that are configured; the log is always one, and needs none of this. */
export function channelsOf({ webhook, mail }: AlertConfig): Channel[] {
  return [
    ...(webhook === null ? [] : [webhookChannel(webhook)]),
    ...(mail === null ? [] : [mailChannel(mail)]),
  ]
}
