import type { Command as Commander } from 'commander'
import { examples, type Run } from './program.ts'

/** Working beside the scripts of the older system, until they are stopped. */
export function addCutover(program: Commander, run: Run): void {
  const shadow = program
    .command('shadow')
    .description('work beside the legacy tables without writing them, compare, and go live or give up')
  shadow
    .command('begin')
    .description('from now on no process of startlist writes a legacy table; `run --shadow` does it too')
    .action(() => run(async () => (await import('./shadow.ts')).shadowBegin, {}))
  examples(
    shadow
      .command('diff')
      .description('compare what startlist stored with the legacy tables, row by row')
      .option('--event <id>', 'only this event, with the registrations that differ')
      .action((options: { event?: string }) =>
        run(async () => (await import('./shadow.ts')).shadowDiff, options),
      ),
    [
      ['startlist shadow diff', 'counts, an event after the other, and why as far as it is known'],
      ['startlist shadow diff --event 5f3a91c2', 'one registration after the other'],
    ],
  )
  shadow
    .command('end')
    .description('go live: what was stored goes into the legacy tables, without a call')
    .option('--yes', 'do not ask')
    .action((options: { yes?: boolean }) => run(async () => (await import('./shadow.ts')).shadowEnd, options))
  shadow
    .command('discard')
    .description('throw away what was stored in the shadow; the legacy tables stay as they are')
    .option('--yes', 'do not ask')
    .action((options: { yes?: boolean }) =>
      run(async () => (await import('./shadow.ts')).shadowDiscard, options),
    )
}
