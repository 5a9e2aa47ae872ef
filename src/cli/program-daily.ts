import type { Command as Commander } from 'commander'
import type { BackfillOptions } from './backfill.ts'
import type { ParticipantsOptions } from './participants.ts'
import { examples, type Run } from './program.ts'
import type { SyncOptions } from './sync.ts'

/** The commands of a race week. */
export function addDaily(program: Commander, run: Run): void {
  examples(
    program
      .command('status')
      .description('a line a race, problems first')
      .action((options: object) => run(async () => (await import('./status.ts')).status, options)),
    [
      ['startlist status', ''],
      ['startlist status --json', 'for a monitor'],
    ],
  )

  examples(
    program
      .command('sync')
      .description('read what changed, now, due or not')
      .option('--partner <id>', 'only events of this timing partner')
      .option('--provider <name>', 'only accounts at haku or runsignup')
      .option('--event <id>', 'only this event, past or not')
      .option('--past', 'events that are over as well')
      .option('--full', 'read every list to its end, which also finds what was removed')
      .option('--details', 'with --full: every registration again, one call each')
      .option('--wait', 'wait for quota and pauses instead of giving up')
      .action((options: SyncOptions) => run(async () => (await import('./sync.ts')).sync, options)),
    [
      ['startlist sync', 'everything that is not over'],
      ['startlist sync --event 5f3a91c2', 'one event, also a past one'],
      ['startlist sync --full --wait', 'whole lists, however long the quota takes'],
    ],
  )

  examples(
    program
      .command('backfill')
      .description('read all that was never read: whole history, past events included, in the fewest calls')
      .option('--partner <id>', 'only events of this timing partner')
      .option('--dry-run', 'make no call: say what would be read, and how long the quota takes')
      .option('--limit <calls>', 'begin nothing more after so many calls')
      .option('--process-large', 'large events as well (STARTLIST_LARGE_EVENT)')
      .option('--no-wait', 'end when the quota is spent, instead of waiting for it')
      .action((options: BackfillOptions) =>
        run(async () => (await import('./backfill.ts')).backfill, options),
      ),
    [
      ['startlist backfill --dry-run', 'what it would take'],
      ['startlist backfill', 'goes on where it was, whatever stopped it'],
      ['startlist backfill --process-large', 'the largest events, when all others are there'],
    ],
  )

  examples(
    program
      .command('discover')
      .description('look for new and changed events')
      .option('--partner <id>', 'only accounts of this timing partner')
      .action((options: { partner?: string }) =>
        run(async () => (await import('./discover.ts')).discover, options),
      ),
    [['startlist discover', '']],
  )

  addEvents(program, run)

  examples(
    program
      .command('participants')
      .description("an event's registrations, with names and bibs")
      .requiredOption('--event <id>', 'the event')
      .option('--partner <id>', 'as this timing partner has them')
      .option('--csv', 'as CSV, safe to open in a spreadsheet')
      .option('--removed', 'those that are gone as well')
      .action((options: ParticipantsOptions) =>
        run(async () => (await import('./participants.ts')).participants, options),
      ),
    [['startlist participants --event 5f3a91c2 --csv > start-list.csv', '']],
  )

  examples(
    program
      .command('query')
      .description('run one SQL query; the database refuses to change anything')
      .argument('<sql>', 'the query, or - to read it from standard input')
      .option('--csv', 'as CSV')
      .action((sql: string, options: { csv?: boolean }) =>
        run(async () => (await import('./query.ts')).query, { sql, ...options }),
      ),
    [
      ['startlist query "SELECT event_name, starts_at FROM haku_events"', ''],
      ['startlist query - --csv < report.sql', ''],
    ],
  )

  examples(
    program
      .command('demo')
      .description('a simulated provider, to look around without a client id')
      .option('--keep', 'leave it running until Ctrl-C, to look around')
      .action((options: { keep?: boolean }) =>
        run(async () => {
          const { demo } = await import('./demo.ts')
          return async ({ signal }) => ((await demo({ keep: options.keep === true, signal })) === 0 ? 0 : 1)
        }, options),
      ),
    [['startlist demo', '']],
  )
}

function addEvents(program: Commander, run: Run): void {
  const events = program.command('events').description('list events, and say what the provider does not')
  examples(
    events
      .command('list')
      .description('events that are not over')
      .option('--partner <id>', 'only those of this timing partner')
      .option('--all', 'those that are over as well')
      .action((options: { partner?: string; all?: boolean }) =>
        run(async () => (await import('./events.ts')).showEvents, options),
      ),
    [['startlist events list --all', '']],
  )
  examples(
    events
      .command('set')
      .description('say when and where an event starts, how often to poll it, or which bibs count')
      .requiredOption('--event <id>', 'the event')
      .option('--partner <id>', 'only as this timing partner has it')
      .option('--start <time>', 'local time, instant or day; "provider" takes it back')
      .option('--timezone <zone>', 'IANA name such as America/Chicago; "provider" takes it back')
      .option('--cadence <cadence>', 'such as "4h, 24h: 15m, 4h: 1m, stop: 1h"; "default" takes it back')
      .option('--bib-authority <who>', 'provider or local: whose bib counts where both gave one')
      .option('--bib-range <bibs>', 'bibs that belong to it, such as "1-999,2000-2999"; "any" takes it back')
      .action((options: { event: string }) =>
        run(async () => (await import('./events-set.ts')).setEvent, options),
      ),
    [
      ['startlist events set --event 5f3a91c2 --timezone America/Chicago', ''],
      ['startlist events set --event 5f3a91c2 --start 2026-11-28T07:00', ''],
      ['startlist events set --event 5f3a91c2 --cadence "4h, 24h: 5m, 6h: 1m, stop: 3h"', 'a long start'],
      ['startlist events set --event 5f3a91c2 --bib-authority local', ''],
    ],
  )
}
