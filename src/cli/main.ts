import { CommanderError } from 'commander'
import { systemClock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { type ExitCode, exitOf } from './exit.ts'
import { createOutput } from './output.ts'
import { buildProgram, type Run } from './program.ts'
import { onSignals } from './signals.ts'
import { usageError } from './usage.ts'

// Before anything is parsed: a wrong command line is told as JSON too.
const out = createOutput(process.argv.slice(2).includes('--json'))
const { signal, exitCode } = onSignals(out)
let code: ExitCode = 0

const run: Run = async (load, options) => {
  const command = await load()
  code = await command({ out, clock: systemClock, signal }, options)
}

/** Tells an error and returns what the process exits with. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) {
    const told = usageError(error)
    if (told === null) return error.exitCode === 0 ? 0 : 2
    out.problem(told)
    return 2
  }
  out.problem(error)
  const cancelled = error instanceof StartlistError && error.code === 'INTERRUPTED'
  return cancelled ? 130 : exitOf(error)
}

process.on('uncaughtException', (error: unknown) => process.exit(fail(error)))

try {
  const program = buildProgram(run)
  const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)]
  for (const command of all) {
    // Told by `fail`, in one line; help that was asked for goes its usual way.
    command
      .helpCommand(false)
      .exitOverride()
      .configureOutput({ outputError: () => {} })
  }
  if (process.argv.length <= 2) program.outputHelp()
  else await program.parseAsync()
  process.exitCode = exitCode() ?? code
} catch (error) {
  const failed = fail(error)
  process.exitCode = exitCode() ?? failed
}
