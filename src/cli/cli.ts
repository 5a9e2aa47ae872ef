import type { Clock } from '../domain/clock.ts'
import type { ExitCode } from './exit.ts'
import type { Output } from './output.ts'

/** What every command is given. */
export interface Cli {
  out: Output
  clock: Clock
  /** Aborted by the first signal: the page under way finishes, nothing else starts. */
  signal: AbortSignal
}

/** A command: does its work, writes its results, and says how it ended. Errors that end it are thrown. */
export type Command<Options> = (cli: Cli, options: Options) => Promise<ExitCode>
