import type { Command as Commander } from 'commander'
import { examples, type Run } from './program.ts'
import type { CreateTokenOptions } from './tokens.ts'

/** Tokens for the HTTP API. */
export function addTokens(program: Commander, run: Run): void {
  const tokens = program
    .command('tokens')
    .description('who may use the HTTP API, and for which timing partner')
  examples(
    tokens
      .command('create')
      .description('make a token and print it, this once')
      .requiredOption('--name <name>', 'what it is for')
      .option('--partner <id>', "opens what is this timing partner's")
      .option('--admin', 'opens everything')
      .option('--expires <days>', 'such as 90d; default never')
      .action((options: CreateTokenOptions) =>
        run(async () => (await import('./tokens.ts')).createApiToken, options),
      ),
    [
      ['startlist tokens create --partner 3 --name "Lantern board" --expires 90d', ''],
      ['startlist tokens create --admin --name ops > token', 'only the token is on standard output'],
    ],
  )
  tokens
    .command('list')
    .description('all tokens, and when each was last used')
    .action((options: object) => run(async () => (await import('./tokens.ts')).listApiTokens, options))
  tokens
    .command('revoke')
    .description('let nobody in with a token any more')
    .argument('<id>', 'the token')
    .action((id: string) => run(async () => (await import('./tokens.ts')).revokeApiToken, { id }))
}
