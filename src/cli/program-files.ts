import type { Command as Commander } from 'commander'
import type { ExportOptions } from './export.ts'
import type { FreezeExportOptions, FreezeOptions } from './freeze.ts'
import type { FreezeRemoveOptions } from './freeze-remove.ts'
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
        .option('--since <mark>', 'only what changed since this mark')
        .option('--mark <name>', 'set this mark behind what was exported')
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
      [
        'startlist export --event 5f3a91c2 --format generic --mark "list exported" --out all.csv',
        'the first time',
      ],
      [
        'startlist export --event 5f3a91c2 --format generic --since "list exported" --mark "list exported" --out new.csv',
        'from then on',
      ],
    ],
  )
  addFreezes(program, run)
}

function addFreezes(program: Commander, run: Run): void {
  const freezes = program.command('freeze').description('keep a start list as it stands, signed')
  examples(freezes, [
    ['startlist freeze --event 5f3a91c2', 'the list of this moment'],
    ['startlist freeze list', ''],
    ['startlist freeze export 3 --format raceresult --out frozen.csv', 'the same bytes, whenever'],
  ])
  freezes
    .command('make', { isDefault: true })
    .description('freeze an event’s start list')
    .option('--event <id>', 'the event')
    .option('--partner <id>', 'as this timing partner has it')
    .option('--provider <name>', 'of haku or runsignup, where both have the id')
    .option('--by <name>', 'who freezes; default the user of this machine')
    .action((options: FreezeOptions) => run(async () => (await import('./freeze.ts')).freeze, options))
  freezes
    .command('list')
    .description('what was frozen, newest first')
    .option('--event <id>', 'only of this event')
    .option('--partner <id>', 'only of this timing partner')
    .option('--provider <name>', 'only of haku or runsignup')
    .action((options: FreezeOptions) => run(async () => (await import('./freeze.ts')).list, options))
  freezes
    .command('verify')
    .description('check it against its signature, and say what privacy took out of it')
    .argument('<id>', 'the freeze')
    .action((id: string) => run(async () => (await import('./freeze.ts')).verify, { id }))
  freezes
    .command('remove')
    .description('remove a freeze for good, a damaged one too')
    .argument('<id>', 'the freeze')
    .option('--by <name>', 'who removes it; default the user of this machine')
    .option('--yes', 'do not ask')
    .action((id: string, options: Omit<FreezeRemoveOptions, 'id'>) =>
      run(async () => (await import('./freeze-remove.ts')).remove, { id, ...options }),
    )
  withFileOptions(
    freezes
      .command('export')
      .description('write the document that was signed, or the list in a format')
      .argument('<id>', 'the freeze')
      .option('--signature', 'the signature instead: a JWS, with the public key in its head'),
  ).action((id: string, options: Omit<FreezeExportOptions, 'id'>) =>
    run(async () => (await import('./freeze.ts')).exportFreeze, { id, ...options }),
  )
}

/** How a file is written, the same for a list and for a frozen one. */
function withFileOptions(command: Commander): Commander {
  return command
    .option('--format <name>', 'see startlist export --list')
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
