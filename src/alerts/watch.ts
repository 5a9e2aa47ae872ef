import type { Channel } from './channel.ts'
import { deliver, type Undelivered } from './deliver.ts'
import { look } from './look.ts'
import type { News } from './news.ts'
import type { Rule, Sources } from './rule.ts'

/** Who is told what a watch finds, beside the channels. */
export interface WatchReport {
  news(news: News): void
  undelivered(failed: Undelivered): void
  /** A rule that could not be looked at, or the database that is away. */
  problem(error: unknown): void
}

export interface WatchOptions {
  rules: readonly Rule[]
  channels: readonly Channel[]
  report: WatchReport
  /** Aborted: the look under way finishes, nothing else starts. */
  signal: AbortSignal
}

/** How often rules that are due and messages that wait are looked for. */
const LOOK_MS = 20_000

/** Watches until the signal is aborted. Any number of processes can; each rule is looked at by one of them at a time. */
export async function watchAlerts(sources: Sources, options: WatchOptions): Promise<void> {
  const { signal, report } = options
  while (!signal.aborted) {
    try {
      await lookAndDeliver(sources, options)
    } catch (error) {
      if (!signal.aborted) report.problem(error)
    }
    await sources.clock.sleep(LOOK_MS, signal).catch(() => {})
  }
}

/**
 * One look, and the delivery of what waits.
 * @param options.now rules are looked at whether they are due or not
 */
export async function lookAndDeliver(
  sources: Sources,
  { rules, channels, report, now = false }: Omit<WatchOptions, 'signal'> & { now?: boolean },
): Promise<void> {
  const names = channels.map(({ name }) => name)
  const { news, failed } = await look(sources, { rules, channels: names, now })
  for (const each of news) report.news(each)
  for (const { error } of failed) report.problem(error)
  for (const each of await deliver(sources, channels)) report.undelivered(each)
}
