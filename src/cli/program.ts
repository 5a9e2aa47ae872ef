import { Command as Commander } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import type { Command } from './cli.ts'
import { addBibs } from './program-bibs.ts'
import { addDaily } from './program-daily.ts'
import { addDecisions } from './program-decisions.ts'
import { addFeed } from './program-feed.ts'
import { addFiles } from './program-files.ts'
import { addOperations } from './program-operations.ts'
import { addPlanning } from './program-planning.ts'
import { addRun } from './program-run.ts'
import { addAdministration } from './program-setup.ts'

/** Runs a command whose module is loaded only now: `startlist --help` must not wait for a database driver. */
export type Run = <Options>(load: () => Promise<Command<Options>>, options: Options) => Promise<void>

/** Every command with its options and help. */
export function buildProgram(run: Run): Commander {
  const program = new Commander('startlist')
    .description('Keeps race registrations in PostgreSQL, current at the gun and frugal with API calls.')
    .option('--json', 'print JSON lines and nothing else')
    .version(manifest.version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError(true)
    .addHelpText('after', OVERVIEW)
  const groups = [
    ['Every day:', addDaily],
    ['Packet pick-up:', addBibs],
    ['What changed:', addFeed],
    ['For the timer:', addFiles],
    ['By itself:', addRun],
    ["A person's word:", addDecisions],
    ['Quota and plans:', addPlanning],
    ['Setting up:', addAdministration],
    ['Operating:', addOperations],
  ] as const
  for (const [title, add] of groups) add(program.commandsGroup(title), run)
  return program
}

const OVERVIEW = `
First hour:
  startlist setup              asks what it needs, then shows the next 60 days
  startlist sync               reads the registrations
  startlist run                keeps all of them current until stopped
  startlist status             a line a race

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not everything could be done.`

/** A command's examples, below its help. */
export function examples(
  command: Commander,
  lines: readonly (readonly [command: string, what: string])[],
): Commander {
  const width = Math.max(...lines.map(([text]) => text.length))
  const text = lines.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`.trimEnd())
  return command.addHelpText('after', `\nExamples:\n${text.join('\n')}`)
}
