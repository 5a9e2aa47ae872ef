import { claimRules, lockOpenAlerts, storeAlerts } from '../store/alerts/book.ts'
import { queueMessage } from '../store/alerts/messages.ts'
import { databaseNow } from '../store/overview/health.ts'
import { type ChannelName, messageOf } from './message.ts'
import { compare, type News } from './news.ts'
import type { Alert, Rule, Sources } from './rule.ts'

/** What came of a look. */
export interface Looked {
  news: News[]
  /** rules that could not be looked at, by what they threw; their alerts stay as they are */
  failed: { rule: string; error: unknown }[]
}

/**
 * Looks at the rules that are due, stores what is open, and leaves a message for each channel: in one transaction, so
 * that what is new is told once, however many processes look and whenever they die.
 * @param options.rules those that nobody has looked at for their interval are looked at
 * @param options.now true: all of them, whoever looked at them last
 */
export async function look(
  sources: Sources,
  options: { rules: readonly Rule[]; channels: readonly ChannelName[]; now?: boolean },
): Promise<Looked> {
  const { db } = sources
  const due = new Set(await claimRules(db, options.rules, { now: options.now ?? false }))
  const seen = new Map<string, Alert[]>()
  const failed: Looked['failed'] = []
  for (const rule of options.rules) {
    if (!due.has(rule.name)) continue
    try {
      seen.set(rule.name, await rule.look(sources))
    } catch (error) {
      failed.push({ rule: rule.name, error })
    }
  }
  if (seen.size === 0) return { news: [], failed }
  const news = await db.transaction().execute(async (trx) => {
    const open = await lockOpenAlerts(trx, [...seen.keys()])
    const found = compare(open, seen, await databaseNow(trx))
    await storeAlerts(trx, found)
    if (found.news.length > 0)
      for (const channel of options.channels) await queueMessage(trx, channel, messageOf(found.news))
    return found.news
  })
  return { news, failed }
}
