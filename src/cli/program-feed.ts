import type { Command as Commander } from 'commander'
import type { ChangesOptions } from './changes.ts'
import type { MarksOptions } from './marks.ts'
import { examples, type Run } from './program.ts'

/** What changed: the feed, marks in it, and webhooks that carry it. */
export function addFeed(program: Commander, run: Run): void {
  examples(
    program
      .command('changes')
      .description('what changed for an event, old -> new, a line a change')
      .requiredOption('--event <id>', 'the event')
      .option('--partner <id>', 'as this timing partner has it')
      .option('--since <mark>', 'since this mark')
      .option('--after <n>', 'after this position')
      .option('--kind <kinds>', 'only these, such as added,removed')
      .option('--field <column>', 'only changes of this column, such as bib_number')
      .option('--net', 'a line a registration: what came of all its changes')
      .option('--csv', 'as CSV, a row a column that changed')
      .option('--follow', 'go on as it comes, until Ctrl-C')
      .action((options: ChangesOptions) => run(async () => (await import('./changes.ts')).changes, options)),
    [
      ['startlist changes --event 5f3a91c2 --since "bibs printed" --net', 'what to print anew'],
      ['startlist changes --event 5f3a91c2 --follow', ''],
    ],
  )
  addMarks(program, run)
  addWebhooks(program, run)
}

function addMarks(program: Commander, run: Run): void {
  const marks = program
    .command('marks')
    .description('name a moment, to ask later what changed since')
    .requiredOption('--event <id>', 'the event')
    .option('--partner <id>', 'as this timing partner has it')
  examples(marks, [
    ['startlist marks --event 5f3a91c2', ''],
    ['startlist marks --event 5f3a91c2 add "bibs printed"', ''],
    ['startlist marks --event 5f3a91c2 add "bibs printed" --move', 'they were printed once more'],
  ])
  marks
    .command('list', { isDefault: true })
    .description('those of the event')
    .action((_: object, command: Commander) =>
      run(async () => (await import('./marks.ts')).showMarks, command.optsWithGlobals<MarksOptions>()),
    )
  marks
    .command('add')
    .description('set a mark behind the newest change')
    .argument('<name>', 'such as "list exported"')
    .option('--move', 'set a mark of this name anew')
    .action((name: string, _: object, command: Commander) =>
      run(async () => (await import('./marks.ts')).setMark, {
        ...command.optsWithGlobals<MarksOptions>(),
        name,
      }),
    )
  marks
    .command('remove')
    .description('remove a mark')
    .argument('<name>', 'the mark')
    .action((name: string, _: object, command: Commander) =>
      run(async () => (await import('./marks.ts')).dropMark, {
        ...command.optsWithGlobals<MarksOptions>(),
        name,
      }),
    )
}

function addWebhooks(program: Commander, run: Run): void {
  const webhooks = program.command('webhooks').description("post a timing partner's changes, signed")
  examples(
    webhooks
      .command('add')
      .description('post to an address from now on; prints the signing secret, this once')
      .requiredOption('--partner <id>', 'the timing partner')
      .argument('<url>', 'https://..., or http:// on this machine')
      .action((url: string, options: { partner: string }) =>
        run(async () => (await import('./webhooks.ts')).add, { ...options, url }),
      ),
    [['startlist webhooks add --partner 3 https://timing.example.com/startlist > secret', '']],
  )
  webhooks
    .command('list')
    .description('where to, and whether it arrives')
    .option('--partner <id>', 'only those of this timing partner')
    .action((options: { partner?: string }) => run(async () => (await import('./webhooks.ts')).list, options))
  webhooks
    .command('test')
    .description('send a message now; one that was switched off is on again when it arrives')
    .argument('<id>', 'the webhook')
    .action((id: string) => run(async () => (await import('./webhooks.ts')).test, { id }))
  webhooks
    .command('remove')
    .description('post nothing there any more')
    .argument('<id>', 'the webhook')
    .action((id: string) => run(async () => (await import('./webhooks.ts')).remove, { id }))
}
