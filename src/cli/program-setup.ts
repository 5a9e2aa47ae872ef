import type { Command as Commander } from 'commander'
import type { MigrateOptions } from './migrate.ts'
import { examples, type Run } from './program.ts'
import { addCredentials, withSecret } from './program-credentials.ts'
import { addTokens } from './program-tokens.ts'
import type { SetupOptions } from './setup.ts'

/** The commands that set startlist up and keep it well. */
export function addAdministration(program: Commander, run: Run): void {
  examples(
    withSecret(
      program
        .command('setup')
        .description('a first hour: partner, client id, secret; then verify, the next 60 days, status')
        .option('--name <name>', 'name of the timing partner')
        .option('--timezone <zone>', 'its time zone')
        .option('--provider <name>', 'haku (default) or runsignup')
        .option('--org <name>', 'organization at the provider')
        .option('--principal <id>', 'client id'),
    ).action((options: SetupOptions) => run(async () => (await import('./setup.ts')).setup, options)),
    [
      ['startlist setup', 'asks for everything'],
      ['startlist setup --name "Lantern Timing" ... --secret-stdin < secret', 'asks for nothing'],
    ],
  )
  addPartners(program, run)
  addCredentials(program, run)
  addTokens(program, run)
  examples(
    program
      .command('migrate')
      .description("bring the database to this release's schema, or an adopted one back to what it was")
      .option('--plan', 'print the SQL that would be run, with its locks and row counts')
      .option('--check', 'name the steps that would be applied; exit 3 when there are any')
      .option('--down', 'take the adoption back: the legacy tables as they were, and startlist gone')
      .option(
        '--accept <losses>',
        'with --down: give up local-bibs, statuses, forgotten or new-tables, several with commas',
      )
      .option('--yes', 'with --down: do not ask')
      .action((options: MigrateOptions) => run(async () => (await import('./migrate.ts')).migrate, options)),
    [
      ['startlist migrate --check', 'for a deployment script'],
      ['startlist migrate --plan > adopt.sql', 'for an administrator: psql -v ON_ERROR_STOP=1 -f adopt.sql'],
      ['startlist migrate --down --plan', 'the way back, and what is in its way; exit 3 when something is'],
    ],
  )
  program
    .command('config')
    .description('what is in force, secrets masked')
    .action((options: object) => run(async () => (await import('./config.ts')).config, options))
  program
    .command('doctor')
    .description('check database, schema, clock, key, credentials and zones, without an API call')
    .action((options: object) => run(async () => (await import('./doctor.ts')).doctor, options))
  program
    .command('stop')
    .description('stop every run of this home, and the embedded PostgreSQL')
    .action((options: object) => run(async () => (await import('./stop.ts')).stop, options))
}

function addPartners(program: Commander, run: Run): void {
  const partners = program.command('partners').description('timing partners')
  examples(
    partners
      .command('add')
      .description('add a timing partner')
      .requiredOption('--name <name>', 'its name')
      .option('--id <id>', 'its id; default the next free one')
      .option('--timezone <zone>', 'where its events are, unless the provider says so')
      .action((options: { name: string }) =>
        run(async () => (await import('./partners.ts')).addPartner, options),
      ),
    [['startlist partners add --name "Lantern Timing" --timezone America/New_York', '']],
  )
  partners
    .command('set')
    .description(
      'change the time zone of a timing partner, how often its events are polled, or what is kept of people',
    )
    .argument('<id>', 'the timing partner')
    .option('--timezone <zone>', 'IANA name such as America/Chicago')
    .option('--cadence <cadence>', 'such as "4h, 24h: 15m, 4h: 1m, stop: 1h"; "default" takes it back')
    .option('--retention <days>', 'how long people are kept after their event: 400d, forever or default')
    .option('--keep <parts>', 'personal data to store, such as contact,birth; all, none or default')
    .action(
      (id: string, options: { timezone?: string; cadence?: string; keep?: string; retention?: string }) =>
        run(async () => (await import('./partners.ts')).setPartner, { id, ...options }),
    )
  partners
    .command('list')
    .description('all timing partners')
    .action((options: object) => run(async () => (await import('./partners.ts')).listPartners, options))
}
