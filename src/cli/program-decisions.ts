import type { Command as Commander } from 'commander'
import { examples, type Run } from './program.ts'

/** The commands by which a person has the last word: holds, rejected records, and what a run did. */
export function addDecisions(program: Commander, run: Run): void {
  addHolds(program, run)
  addRejects(program, run)
  examples(
    program
      .command('undo')
      .description('take back what runs did; without a run, list the last that changed something')
      .argument('[run...]', 'runs of sync_history, such as 812')
      .option('--only-untouched', 'leave registrations alone that were changed again later')
      .option('--event <id>', 'without a run: only runs of this event')
      .action((runs: string[], options: { onlyUntouched?: boolean; event?: string }) =>
        run(async () => (await import('./undo.ts')).undo, { runs, ...options }),
      ),
    [
      ['startlist undo', 'which runs there are'],
      ['startlist undo 812', ''],
      ['startlist undo 812 813', "a shared account's: a run for each timing partner"],
    ],
  )
}

function addHolds(program: Commander, run: Run): void {
  const holds = program.command('holds').description('removals and foreign lists that wait for a decision')
  examples(holds, [
    ['startlist holds', ''],
    ['startlist holds apply 3', 'the provider is right'],
    ['startlist holds discard 3 --by "Ana"', 'the provider is wrong'],
  ])
  holds
    .command('list', { isDefault: true })
    .description('those that are open')
    .option('--all', 'the last that were decided as well')
    .action((options: { all?: boolean }) => run(async () => (await import('./holds.ts')).listHolds, options))
  const decisions = [
    [
      'apply',
      'carry it out: remove who is still absent, or store the list',
      async () => (await import('./holds.ts')).apply,
    ],
    [
      'discard',
      'keep what is stored, and do not ask again',
      async () => (await import('./holds.ts')).discard,
    ],
  ] as const
  for (const [name, description, load] of decisions) {
    holds
      .command(name)
      .description(description)
      .argument('<id>', 'the hold')
      .option('--by <name>', 'who decides; default the user of this machine')
      .action((id: string, options: { by?: string }) => run(load, { id, ...options }))
  }
}

function addRejects(program: Commander, run: Run): void {
  const rejects = program.command('rejects').description('records and fields that could not be stored')
  rejects
    .command('list', { isDefault: true })
    .description('all of them')
    .option('--event <id>', 'only those of this event')
    .action((options: { event?: string }) => run(async () => (await import('./rejects.ts')).list, options))
  rejects
    .command('show')
    .description('what the provider sent, why it was rejected, and what to do')
    .argument('<id>', 'the reject')
    .action((id: string) => run(async () => (await import('./rejects.ts')).show, { id }))
  examples(
    rejects
      .command('retry')
      .description("read them again by this release's rules, without a call")
      .argument('[id]', 'only this one')
      .action((id: string | undefined) =>
        run(async () => (await import('./rejects.ts')).retry, id === undefined ? {} : { id }),
      ),
    [['startlist rejects retry', 'after an update of startlist']],
  )
}
