import type { Clock } from '../domain/clock.ts'
import { claimMessages, forgetMessages, markDelivered } from '../store/alerts/messages.ts'
import type { Db } from '../store/database.ts'
import type { Channel } from './channel.ts'
import type { ChannelName, Message } from './message.ts'

/** A message that did not arrive; it is tried again. */
export interface Undelivered {
  channel: ChannelName
  attempts: number
  error: unknown
}

/** At a time, of each channel: a day's worth of news is soon told, and a dead server costs little. */
const AT_ONCE = 5

/**
 * Delivers what waits. A message arrives at least once: a process that dies between sending and saying so leaves it to
 * be sent again, with the same id.
 */
export async function deliver(
  { db, clock }: { db: Db; clock: Clock },
  channels: readonly Channel[],
): Promise<Undelivered[]> {
  const all = await Promise.all(channels.map((channel) => deliverBy({ db, clock }, channel)))
  await forgetMessages(db)
  return all.flat()
}

async function deliverBy({ db, clock }: { db: Db; clock: Clock }, channel: Channel): Promise<Undelivered[]> {
  const failed: Undelivered[] = []
  for (const waiting of await claimMessages<Message>(db, channel.name, AT_ONCE)) {
    const { messageId, message, attempts } = waiting
    try {
      await channel.send({ messageId, message, at: clock.now() })
    } catch (error) {
      failed.push({ channel: channel.name, attempts, error })
      continue
    }
    await markDelivered(db, messageId)
  }
  return failed
}
