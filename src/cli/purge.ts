import { StartlistError } from '../domain/errors.ts'
import { createLogger } from '../observe/logger.ts'
import { lostMarks } from '../store/feed/marks.ts'
import { PURGED, purgeOlder } from '../store/purge.ts'
import { applyRetention } from '../sync/retention.ts'
import type { Cli, Command } from './cli.ts'
import { daysOption } from './options.ts'
import { withSession } from './session.ts'

export interface PurgeOptions {
  olderThan?: string
  retention?: boolean
  dryRun?: boolean
}

const DAY = 86_400_000
/** `undo` and holds look back; a week is the least that they get. */
const LEAST_DAYS = 7

/** `purge`: removes history, feed, rejects and decided holds by age, or people from events that are long over. */
export const purge: Command<PurgeOptions> = (cli, { olderThan, retention, dryRun = false }) => {
  if ((olderThan === undefined) !== (retention === true))
    throw new StartlistError('USAGE', 'give either --older-than or --retention')
  return olderThan === undefined ? retire(cli, dryRun) : purgeByAge(cli, olderThan, dryRun)
}

/** Takes people out of events that have been over for as long as their timing partner keeps them. */
const retire = (cli: Cli, dryRun: boolean) =>
  withSession(cli, {}, async ({ db, config }) => {
    const { retentionDays: defaultDays, logLevel } = config
    const counts = await applyRetention(db, { defaultDays, dryRun, signal: cli.signal })
    cli.out.record({ kind: 'retention', defaultDays, dryRun, ...counts })
    const verb = dryRun ? 'would lose' : 'lost'
    cli.out.line(`${counts.registrations} registrations of ${counts.lists} events ${verb} their person.`)
    if (!dryRun && !cli.out.interactive) createLogger({ level: logLevel }).info(counts, 'retention')
    return 0
  })

const purgeByAge = (cli: Cli, olderThan: string, dryRun: boolean) => {
  const days = daysOption(olderThan, '--older-than', LEAST_DAYS)
  return withSession(cli, {}, async ({ db, clock, config }) => {
    const counts = await purgeOlder(db, clock.now() - days * DAY, { dryRun, signal: cli.signal })
    cli.out.record({ kind: 'purge', days, dryRun, ...counts })
    cli.out.table(
      [{ head: dryRun ? 'Would remove' : 'Removed' }, { head: 'Rows', align: 'right' }],
      PURGED.filter((what) => !dryRun || what !== 'calls').map((what) => [
        LABELS[what],
        String(counts[what]),
      ]),
    )
    const lost = dryRun || counts.changes === 0 ? 0 : await lostMarks(db)
    if (lost > 0)
      cli.out.note(`${lost} marks lie before what is kept: what changed since them cannot be told any more.`)
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
