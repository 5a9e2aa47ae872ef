import { replaceStored, type SecretReaders, secretReaders, storedSecrets } from '../store/sealed.ts'
import { isSealed, seal } from '../store/secrets.ts'
import type { Cli, Command } from './cli.ts'
import { withSession } from './session.ts'

/** `credentials seal`: seals secrets that an older system left in plain text, once a person knows who still reads them. */
export const sealSecrets: Command<{ yes?: boolean }> = (cli, options) =>
  withSession(cli, {}, async ({ db, key }) => {
    const plain = (await storedSecrets(db)).filter(({ value }) => !isSealed(value))
    const ids = plain.map(({ id }) => id)
    if (plain.length === 0) {
      cli.out.record({ sealed: [] })
      cli.out.line('Every secret is sealed already.')
      return 0
    }
    const readers = await secretReaders(db)
    if (!(await isAgreed(cli, options, ids, readers))) {
      cli.out.record({ plain: ids, readers })
      return 3
    }
    const sealed: number[] = []
    for (const secret of plain)
      if (await replaceStored(db, secret, await seal(key, secret.context, secret.value)))
        sealed.push(secret.id)
    cli.out.record({ sealed })
    cli.out.line(`Sealed: credentials ${sealed.join(', ')}. They work as before.`)
    // One that was changed meanwhile is as its writer left it: perhaps in plain text again.
    return sealed.length === plain.length ? 0 : 3
  })

async function isAgreed(
  { out }: Cli,
  { yes = false }: { yes?: boolean },
  ids: readonly number[],
  { roles, applications }: SecretReaders,
): Promise<boolean> {
  out.line(`In plain text: credentials ${ids.join(', ')}.`)
  out.line(
    'Programs that read partner_provider_credentials.secret themselves cannot use it once it is sealed.',
  )
  if (roles.length > 0) out.line(`Roles that may: ${roles.join(', ')}.`)
  if (applications.length > 0) out.line(`Connected now: ${applications.join(', ')}.`)
  if (yes) return true
  if (!out.json && process.stdin.isTTY) {
    const { ask } = await import('./prompt.ts')
    if (/^y(es)?$/i.test(await ask('Seal them? [y/N] '))) return true
  }
  out.line('Nothing is changed: startlist credentials seal --yes seals them.')
  return false
}
