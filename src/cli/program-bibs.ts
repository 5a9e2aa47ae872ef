import type { Command as Commander } from 'commander'
import type { ImportBibsOptions, SetBibOptions } from './bibs.ts'
import type { CheckOptions } from './check.ts'
import { examples, type Run } from './program.ts'

/** The commands of packet pick-up: who has which bib, and whether the start list is right. */
export function addBibs(program: Commander, run: Run): void {
  const bibs = program.command('bibs').description('give bibs, and see whose are at odds')
  examples(
    bibs
      .command('set')
      .description("give a registration a bib of yours, beside the provider's")
      .requiredOption('--event <id>', 'the event')
      .requiredOption('--participant <id>', 'the registration')
      .requiredOption('--bib <bib>', 'the bib; empty takes yours back')
      .option('--partner <id>', 'as this timing partner has it')
      .option('--allow-duplicates', 'also where another has that bib')
      .action((options: SetBibOptions) => run(async () => (await import('./bibs.ts')).setBib, options)),
    [
      ['startlist bibs set --event 5f3a91c2 --participant R10482 --bib 412', ''],
      ['startlist bibs set --event 5f3a91c2 --participant R10482 --bib ""', 'takes it back'],
    ],
  )
  examples(
    bibs
      .command('import')
      .description('give the bibs of a CSV file, all or none')
      .argument('<file>', 'with columns bib and registration, or bib, first name, last name, date of birth')
      .requiredOption('--event <id>', 'the event')
      .option('--partner <id>', 'as this timing partner has it')
      .option('--dry-run', 'show who gets which, and store nothing')
      .option('--allow-duplicates', 'also where two people get one bib')
      .action((file: string, options: Omit<ImportBibsOptions, 'file'>) =>
        run(async () => (await import('./bibs.ts')).importBibs, { file, ...options }),
      ),
    [['startlist bibs import bibs.csv --event 5f3a91c2 --dry-run', '']],
  )
  bibs
    .command('conflicts')
    .description('bibs that several people hold, and people to whom two were given')
    .requiredOption('--event <id>', 'the event')
    .option('--partner <id>', 'only as this timing partner has it')
    .action((options: { event: string; partner?: string }) =>
      run(async () => (await import('./bibs.ts')).showConflicts, options),
    )
  examples(
    program
      .command('check')
      .description('is the start list right? exit code 3 when there is a problem')
      .requiredOption('--event <id>', 'the event')
      .option('--partner <id>', 'only as this timing partner has it')
      .option('--csv <finding>', 'everybody of one finding as CSV, such as duplicate-bib')
      .action((options: CheckOptions) => run(async () => (await import('./check.ts')).check, options)),
    [
      ['startlist check --event 5f3a91c2', ''],
      ['startlist check --event 5f3a91c2 --csv missing-sex > missing-sex.csv', ''],
    ],
  )
}
