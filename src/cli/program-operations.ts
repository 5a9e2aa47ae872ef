import type { Command as Commander } from 'commander'
import type { AuditOptions } from './audit.ts'
import type { ForgetOptions } from './forget.ts'
import { examples, type Run } from './program.ts'
import { addAlerts } from './program-alerts.ts'
import { addCutover } from './program-cutover.ts'
import type { PurgeOptions } from './purge.ts'
import type { VerifyOptions } from './verify.ts'

/** What an operator does now and then: audits, backups, old rows, the shell. */
export function addOperations(program: Commander, run: Run): void {
  addAlerts(program, run)
  addCutover(program, run)
  examples(
    program
      .command('audit')
      .description(
        'compare what is stored with the provider, with the change feed, and the quota with its headers',
      )
      .option('--partner <id>', 'only events of this timing partner')
      .option('--event <id>', 'only this event, past or not')
      .option('--sample <n>', 'registrations of each event to read one by one, a call each', '20')
      .action((options: AuditOptions) => run(async () => (await import('./audit.ts')).audit, options)),
    [
      ['startlist audit', 'every event that is not over'],
      ['startlist audit --event 5f3a91c2 --sample 0', 'one call: no single reads'],
    ],
  )
  examples(
    program
      .command('verify')
      .description('try one timing partner from secret to poll, in fewer than 30 calls')
      .requiredOption('--partner <id>', 'the timing partner')
      .option('--spec <file>', "compare the provider's OpenAPI file with what startlist uses of it")
      .option('--record <file>', 'keep what the answers look like: types, names and sizes, no value')
      .option(
        '--report <file>',
        "write a report for the provider's support, without secrets or personal data",
      )
      .option('--known', 'no call: what its accounts have answered before')
      .action((options: VerifyOptions) => run(async () => (await import('./verify.ts')).verify, options)),
    [
      ['startlist verify --partner 3 --report verify.md', 'before all the others'],
      ['startlist verify --partner 3 --known --spec haku.yaml', 'no call'],
    ],
  )
  examples(
    program
      .command('backup')
      .description('write the whole database to a file, with FILE.json that proves a restore')
      .argument('<file>', 'made with mode 0600; one that exists is replaced when the new one is whole')
      .action((file: string) => run(async () => (await import('./backup.ts')).backup, { file })),
    [['startlist backup /var/backups/startlist.dump', 'the key is not in it: keep that apart']],
  )
  program
    .command('restore')
    .description('fill an empty database from a backup, all or nothing, and compare the row counts')
    .argument('<file>', 'what `backup` wrote, with its FILE.json beside it')
    .action((file: string) => run(async () => (await import('./backup.ts')).restore, { file }))
  examples(
    program
      .command('purge')
      .description('remove history, feed, rejects and decided holds by age; registrations stay')
      .option('--older-than <days>', 'such as 400d; 7d is the least')
      .option('--retention', 'take people out of events that were over long enough; `run` does it by itself')
      .option('--dry-run', 'count only')
      .action((options: PurgeOptions) => run(async () => (await import('./purge.ts')).purge, options)),
    [
      ['startlist purge --older-than 400d --dry-run', 'what would go'],
      ['startlist purge --older-than 400d', 'nightly, from cron or a systemd timer'],
    ],
  )
  examples(
    program
      .command('forget')
      .description('erase a person for good: rows, feed, rejects and payloads; number, bib and status stay')
      .option('--provider <name>', 'haku or runsignup')
      .option('--registration <id...>', 'registration numbers; with --provider')
      .option('--person-stdin', 'read first name, last name and date of birth, a line each')
      .option('--dry-run', 'count only')
      .option('--yes', 'do not ask')
      .action((options: ForgetOptions) => run(async () => (await import('./forget.ts')).forget, options)),
    [
      ['startlist forget', 'asks who'],
      ['startlist forget --person-stdin --dry-run < person.txt', 'what would go'],
      ['startlist forget --provider haku --registration R1234 --yes', ''],
    ],
  )
  examples(
    program
      .command('completion')
      .description('print what completes commands and options in your shell')
      .argument('<shell>', 'bash, zsh or fish')
      .action((shell: string) =>
        run(
          async () => {
            const { completionFor } = await import('./completion.ts')
            return async ({ out }, options: { shell: string }) => {
              out.line(completionFor(options.shell, program).trimEnd())
              return 0
            }
          },
          { shell },
        ),
      ),
    [['source <(startlist completion bash)', 'for this shell']],
  )
}
