import type { Command as Commander } from 'commander'
import type { AddCredentialOptions } from './credentials.ts'
import type { ImportOptions } from './credentials-import.ts'
import type { RotateKeyOptions } from './credentials-key.ts'
import { examples, type Run } from './program.ts'

/** Where a command reads a secret from: there is no argument for it. */
export const withSecret = (command: Commander) =>
  command
    .option('--secret-stdin', 'read the secret from standard input')
    .option('--secret-file <path>', 'read it from a file of mode 0600')

/** Client ids and secrets of timing partners. */
export function addCredentials(program: Commander, run: Run): void {
  const credentials = program.command('credentials').description('client ids and secrets at the providers')
  examples(
    withSecret(
      credentials
        .command('add')
        .description("add a partner's client id; its secret never stands in an argument")
        .requiredOption('--partner <id>', 'the timing partner')
        .requiredOption('--provider <name>', 'haku or runsignup')
        .requiredOption('--org <name>', 'organization at the provider')
        .requiredOption('--principal <id>', 'client id')
        .option('--timezone <zone>', "the organization's time zone"),
    ).action((options: AddCredentialOptions) =>
      run(async () => (await import('./credentials.ts')).addCredential, options),
    ),
    [
      [
        'startlist credentials add --partner 1 --provider haku --org "Lantern Bay" \\\n    --principal 4ab91... --secret-stdin < secret',
        '',
      ],
    ],
  )
  credentials
    .command('list')
    .description('who has which client id, and whether it works')
    .action((options: object) =>
      run(async () => (await import('./credentials-list.ts')).listCredentials, options),
    )
  credentials
    .command('test')
    .description('try a secret at its provider: one call each; with --all one more for each account')
    .argument('[id]', 'the credential')
    .option('--all', 'every credential')
    .action((id: string | undefined, options: { all?: boolean }) =>
      run(async () => (await import('./credentials-test.ts')).testCredentials, {
        ...(id === undefined ? {} : { id }),
        ...options,
      }),
    )
  examples(
    withSecret(
      credentials.command('set-secret').description('change a secret').argument('<id>', 'the credential'),
    ).action((id: string, options: object) =>
      run(async () => (await import('./credentials.ts')).setSecret, { id, ...options }),
    ),
    [['startlist credentials set-secret 3 --secret-stdin < secret', '']],
  )
  const simple = [
    ['pause', 'make no call with a credential', async () => (await import('./credentials.ts')).pause],
    ['resume', 'use a paused credential again', async () => (await import('./credentials.ts')).resume],
    [
      'remove',
      'remove a credential; what it brought stays',
      async () => (await import('./credentials.ts')).remove,
    ],
  ] as const
  for (const [name, description, load] of simple) {
    credentials
      .command(name)
      .description(description)
      .argument('<id>', 'the credential')
      .action((id: string) => run(load, { id }))
  }
  examples(
    credentials
      .command('import')
      .description('add many credentials, and the timing partners that are new; all of a file or nothing')
      .argument('[file]', 'CSV or JSON of mode 0600')
      .option('--template', 'print what a file looks like')
      .action((file: string | undefined, options: ImportOptions) =>
        run(async () => (await import('./credentials-import.ts')).importCredentials, {
          ...(file === undefined ? {} : { file }),
          ...options,
        }),
      ),
    [
      ['startlist credentials import --template > partners.csv', ''],
      ['chmod 600 partners.csv && startlist credentials import partners.csv', ''],
    ],
  )
  addKeeping(credentials, run)
}

/** How secrets lie in the database. */
function addKeeping(credentials: Commander, run: Run): void {
  examples(
    credentials
      .command('seal')
      .description('seal secrets that an older system left in plain text; says who may still read them')
      .option('--yes', 'without asking')
      .action((options: { yes?: boolean }) =>
        run(async () => (await import('./credentials-seal.ts')).sealSecrets, options),
      ),
    [['startlist credentials seal', 'says first which roles and programs may still read them']],
  )
  examples(
    credentials
      .command('rotate-key')
      .description('seal everything with a new key, while processes with the old one go on')
      .option(
        '--out <file>',
        'where the new key goes, made with mode 0600; required where STARTLIST_KEY is set',
      )
      .option('--finish', 'no process has the old key any more: it opens nothing from now on')
      .action((options: RotateKeyOptions) =>
        run(async () => (await import('./credentials-key.ts')).rotateKey, options),
      ),
    [
      ['startlist credentials rotate-key --out key.new', 'then set STARTLIST_KEY and restart'],
      ['startlist credentials rotate-key --finish', ''],
    ],
  )
}
