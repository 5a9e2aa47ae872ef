import type { Command as Commander } from 'commander'
import type { ForecastOptions } from './forecast.ts'
import { examples, type Run } from './program.ts'

/** What was spent, and what is to come. */
export function addPlanning(program: Commander, run: Run): void {
  examples(
    program
      .command('quota')
      .description('what every account spent of its hour, for what, and what is left')
      .action((options: object) => run(async () => (await import('./quota.ts')).quota, options)),
    [['startlist quota', '']],
  )
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
}
