import { StartlistError } from '../domain/errors.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { testCredential as proveSecret } from '../sync/open-account.ts'
import { tryReading } from '../sync/try-reading.ts'
import { inTime } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import { requireCredential } from './credentials.ts'
import { type ExitCode, exitOf, foldExit } from './exit.ts'
import { idOption } from './options.ts'
import { type Session, withSession } from './session.ts'

/** `credentials test`: tries each secret once, one call each; `--all` also whether each account may read its events. */
export const testCredentials: Command<{ id?: string; all?: boolean }> = (cli, options) => {
  if ((options.id === undefined) === (options.all !== true))
    throw new StartlistError('USAGE', 'name one credential, or give --all')
  const id = options.id === undefined ? undefined : idOption(options.id, 'ID')
  return withSession(cli, {}, async (session) => {
    const { db } = session
    const chosen = id === undefined ? await credentialOverview(db) : [await requireCredential(db, id)]
    return testChosen(cli, session, chosen, options.all === true)
  })
}

/**
 * Credentials of one account take turns, accounts go side by side; results are told in order of the ids.
 * @param reading try as well whether each account may read its events: one call each
 */
export async function testChosen(
  cli: Cli,
  session: Session,
  chosen: readonly CredentialOverview[],
  reading = false,
): Promise<ExitCode> {
  const groups = Map.groupBy(chosen, (credential) => credential.accountId)
  const tested = await Promise.all(
    [...groups.entries()].map(([accountId, members]) =>
      testAccount(cli, session, accountId, members, reading),
    ),
  )
  const results = new Map(tested.flat())
  const codes = chosen.map((credential) => tell(cli, credential, results.get(credential.credentialId)!))
  if (chosen.length === 0)
    cli.out.line('There is no credential yet: startlist setup, or startlist credentials add.')
  return foldExit(codes)
}

/** Null for a secret that obtained a token, and whose account may be read where that was tried. */
type Result = StartlistError | null

async function testAccount(
  cli: Cli,
  session: Session,
  accountId: number | null,
  members: readonly CredentialOverview[],
  reading: boolean,
): Promise<[credentialId: number, Result][]> {
  const results: [number, Result][] = []
  for (const member of members) results.push([member.credentialId, await testOne(cli, session, member)])
  if (!reading || accountId === null || results.every(([, result]) => result !== null)) return results
  const read = await asResult(cli, () => tryReading(session, accountId, { signal: cli.signal }))
  // What the account may not read, none of those can who have its token.
  return results.map(([id, result]) => [id, result ?? read])
}

async function testOne(cli: Cli, session: Session, credential: CredentialOverview): Promise<Result> {
  const { credentialId: id, state, hasSecret, accountId } = credential
  const refusal = (message: string, hint: string) =>
    new StartlistError('CREDENTIAL_REFUSED', message, { hint })
  if (state === 'Paused') return refusal('paused', `startlist credentials resume ${id}`)
  if (!hasSecret || accountId === null)
    return refusal('it has no secret', `startlist credentials set-secret ${id} --secret-stdin`)
  return asResult(cli, async () => {
    const { ok } = await proveSecret(session, id, { class: 'person', signal: cli.signal })
    if (!ok)
      throw refusal(
        'the provider refused the secret',
        `startlist credentials set-secret ${id} --secret-stdin`,
      )
  })
}

/** One credential's failure does not hide the others' results. */
async function asResult(cli: Cli, work: () => Promise<void>): Promise<Result> {
  try {
    await work()
    return null
  } catch (error) {
    const told = inTime(error, cli, { canWait: false })
    if (told instanceof StartlistError) return told
    return new StartlistError('INTERNAL', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  }
}

function tell({ out }: Cli, credential: CredentialOverview, result: Result): ExitCode {
  const { credentialId: id, partner, organization } = credential
  const label = `credential ${id} (${partner}, ${organization ?? 'no organization'})`
  out.record({ id, ok: result === null, code: result?.code ?? null, why: result?.message ?? null })
  if (result === null) {
    out.line(`${out.paint('green', 'ok')}    ${label}`)
    return 0
  }
  if (!out.json) out.problem(result, { label })
  return exitOf(result)
}
