import type { Command as Commander } from 'commander'
import type { ForecastOptions } from './forecast.ts'
import { examples, type Run } from './program.ts'

/** What was spent, and what is to come. */
export function addPlanning(program: Commander, run: Run): void {
  addQuota(program, run)
  examples(
    program
      .command('why')
      .description('when an event is asked for next, why then, and what stands in the way')
      .requiredOption('--event <id>', 'the event')
      .action((options: { event: string }) => run(async () => (await import('./why.ts')).why, options)),
    [['startlist why --event 5f3a91c2', '']],
  )
  examples(
    program
      .command('forecast')
      .description('what the coming hours ask of every quota, what will be late, and what would mend it')
      .option('--hours <n>', 'how far ahead, at most 1344', '168')
      .option('--svg <file>', 'write it as a picture')
      .option('--html <file>', 'write it as a page')
      .action((options: ForecastOptions) =>
        run(async () => (await import('./forecast.ts')).forecast, options),
      ),
    [
      ['startlist forecast', 'the next 7 days'],
      ['startlist forecast --hours 24 --html forecast.html', ''],
    ],
  )
  examples(
    program
      .command('simulate')
      .description('play a race morning on a virtual clock against a simulated provider, and judge it')
      .argument('[scenario]', 'one that comes with startlist, or a YAML file; left out: lists them')
      .option('--html <file>', 'write a report with plots')
      .action((scenario: string | undefined, options: { html?: string }) =>
        run(async () => (await import('./simulate.ts')).simulate, {
          ...options,
          ...(scenario === undefined ? {} : { scenario }),
        }),
      ),
    [
      ['startlist simulate', 'what there is'],
      ['startlist simulate race-morning --html morning.html', ''],
    ],
  )
  examples(
    program
      .command('providers')
      .description('what each provider can do, and what this installation has of it')
      .action((options: object) => run(async () => (await import('./providers.ts')).showProviders, options)),
    [['startlist providers', '']],
  )
}

function addQuota(program: Commander, run: Run): void {
  const quota = program.command('quota').description('what every account may spend, has spent and has left')
  examples(quota, [
    ['startlist quota', ''],
    ['startlist quota set --account 1 --external-use 20%', 'another program uses the same client id'],
    ['startlist quota spent', 'after a restore from backup'],
  ])
  quota
    .command('show', { isDefault: true })
    .description('what was spent of the hour, for what, and what is left')
    .action((options: object) => run(async () => (await import('./quota.ts')).quota, options))
  quota
    .command('set')
    .description("an account's own numbers; each may be default")
    .requiredOption('--account <id>', 'the account, by its number in startlist quota')
    .option('--limit <calls>', 'in any 60 minutes; the lowest of all limits holds')
    .option('--reserve <calls>', 'kept for sync and verify; default 30')
    .option('--external-use <share>', 'of the limit, for programs on the same client id: 20%')
    .action((options: import('./quota-set.ts').SetQuotaOptions) =>
      run(async () => (await import('./quota-set.ts')).setQuotaOf, options),
    )
  quota
    .command('spent')
    .description('the database was restored: count the hour as spent')
    .option('--account <id>', 'only this account')
    .action((options: { account?: string }) =>
      run(async () => (await import('./quota-set.ts')).markSpent, options),
    )
}
