import type { Command as Commander } from 'commander'
import type { ExportOptions } from './export.ts'
import { examples, type Run } from './program.ts'

/** The commands that write start lists for other programs. */
export function addFiles(program: Commander, run: Run): void {
  examples(
    withFileOptions(
      program
        .command('export')
        .description('write a start list as a timing program reads it')
        .option('--list', 'the formats, with what each does by default')
        .option('--event <id>', 'the event')
        .option('--partner <id>', 'as this timing partner has it')
        .option('--provider <name>', 'of haku or runsignup, where both have the id')
        .option('--after <position>', 'only what changed since this position of the event’s feed')
        .option('--withdrawn', 'instead: who is cancelled, removed, transferred, deferred or moved')
        .option('--withdrawn-out <file>', 'beside the list: who was withdrawn, from the same snapshot'),
    ).action((options: ExportOptions) => run(async () => (await import('./export.ts')).exportList, options)),
    [
      ['startlist export --list', ''],
      ['startlist export --event 5f3a91c2 --format raceresult --out harbor.csv', ''],
      ['startlist export --event 5f3a91c2 --format webscorer --encoding utf-8 > harbor.txt', ''],
      [
        'startlist export --event 5f3a91c2 --format chronotrack --after 812 --out new.csv --withdrawn-out gone.csv',
        'what changed',
      ],
    ],
  )
}

/** How a file is written, the same for a list and for a frozen one. */
function withFileOptions(command: Commander): Commander {
  return command
    .option('--format <name>', 'see --list')
    .option('--out <file>', 'appears when it is whole; default standard output')
    .option('--delimiter <name>', 'comma, semicolon, tab or pipe')
    .option('--encoding <name>', 'utf-8, utf-16le or windows-1252')
    .option('--bom <yes|no>', 'a byte order mark')
    .option('--date-order <order>', 'ymd, mdy or dmy')
    .option('--sex <words>', 'M/F/X, m/f/x, Male/Female/Non-binary, male/female/other, or provider')
    .option('--rows <what>', 'registration, or entry for a row of each category')
    .option('--formulas <how>', 'exact for programs, guarded for spreadsheets')
    .option('--blank-bib <text>', 'for a bib that nobody gave yet')
    .option('--ids <how>', 'plain, or namespaced by the provider')
}
