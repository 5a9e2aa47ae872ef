import type { Command as Commander } from 'commander'
import { examples, type Run } from './program.ts'
import type { RunOptions } from './run.ts'

/** The command that keeps everything current by itself. */
export function addRun(program: Commander, run: Run): void {
  examples(
    program
      .command('run')
      .description('keep every event current until stopped: polls, sweeps, details, discovery')
      .option('--partner <id>', 'only accounts of this timing partner')
      .option('--shadow', 'leave the legacy tables alone: write copies of them until `shadow end`')
      .option('--no-api', 'open no port')
      .option('--host <address>', 'where to listen', '127.0.0.1')
      .option('--port <port>', 'for /healthz, /readyz and /metrics; 0 for any free one', '8080')
      .action((options: RunOptions) => run(async () => (await import('./run.ts')).run, options)),
    [
      ['startlist run', 'until Ctrl-C, which finishes the page under way'],
      ['startlist run --partner 3', 'the first days of a new installation'],
      ['startlist run --shadow', 'beside the scripts that it is to replace (docs/cutover.md)'],
      ['startlist run 2>> startlist.log &', 'log lines are JSON where no person watches'],
    ],
  )
}
