import { channelsOf } from '../alerts/channels.ts'
import { rules } from '../alerts/rules/index.ts'
import { type WatchReport, watchAlerts } from '../alerts/watch.ts'
import type { Session } from './session.ts'

/** Watches for what a person should know of until it is told to stop; that ends when the look under way has. */
export function startWatch(session: Session, report: WatchReport): { stop(): Promise<void> } {
  const ending = new AbortController()
  const channels = channelsOf(session.config.alerts)
  const watching = watchAlerts(session, { rules, channels, report, signal: ending.signal })
  return {
    stop() {
      ending.abort()
      return watching
    },
  }
}
