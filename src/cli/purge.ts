import { createLogger } from '../observe/logger.ts'
import { PURGED, purgeOlder } from '../store/purge.ts'
import type { Command } from './cli.ts'
import { daysOption } from './options.ts'
import { withSession } from './session.ts'

export interface PurgeOptions {
  olderThan: string
  dryRun?: boolean
}

const DAY = 86_400_000
/** `undo` and holds look back; a week is the least that they get. */
const LEAST_DAYS = 7

/** `purge`: removes history, feed, rejects and decided holds by age; registrations and events stay. */
export const purge: Command<PurgeOptions> = (cli, options) => {
  const days = daysOption(options.olderThan, '--older-than', LEAST_DAYS)
  return withSession(cli, {}, async ({ db, clock, config }) => {
    const dryRun = options.dryRun === true
    const counts = await purgeOlder(db, clock.now() - days * DAY, { dryRun, signal: cli.signal })
    cli.out.record({ kind: 'purge', days, dryRun, ...counts })
    cli.out.table(
      [{ head: dryRun ? 'Would remove' : 'Removed' }, { head: 'Rows', align: 'right' }],
      PURGED.filter((what) => !dryRun || what !== 'calls').map((what) => [
        LABELS[what],
        String(counts[what]),
      ]),
    )
    if (!dryRun && !cli.out.interactive)
      createLogger({ level: config.logLevel }).info({ days, ...counts }, 'purged')
    return 0
  })
}

const LABELS = {
  history: 'runs that ended before',
  changes: 'feed entries of events that are over',
  rejects: 'rejected records of events that are over',
  holds: 'holds that were decided',
  calls: 'calls of the ledger, older than 25 h',
} as const satisfies Record<(typeof PURGED)[number], string>
