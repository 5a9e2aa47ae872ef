import type { Command as Commander } from 'commander'
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
}
