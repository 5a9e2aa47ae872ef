import { labelOf } from '../../status/credentials.ts'
import { readAccount } from '../../store/accounts.ts'
import type { CredentialOverview } from '../../store/overview/credentials.ts'
import { storedAnswers } from '../../sync/verify/answers.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, foldExit } from '../exit.ts'
import type { Session } from '../session.ts'
import { checkSpec, type SpecFile } from './spec.ts'
import { tellAnswers } from './view.ts'

/** What accounts have answered before, with date and evidence: no call. */
export async function knownAnswers(
  cli: Cli,
  { db }: Session,
  credentials: readonly CredentialOverview[],
  spec: SpecFile | null,
): Promise<ExitCode> {
  const codes: ExitCode[] = []
  let told = 0
  for (const [accountId, members] of Map.groupBy(credentials, (credential) => credential.accountId)) {
    const state = accountId === null ? null : await readAccount(db, accountId)
    if (state === null) continue
    const answers = storedAnswers(state.traits)
    const label = labelOf(members)
    told += answers.length
    if (answers.length > 0) cli.out.line(cli.out.paint('bold', `${label} (${state.provider})`))
    const { provider } = state
    tellAnswers(cli, { accountId, provider, label, answers, checks: [], exchanges: [], codes: [] })
  }
  if (spec !== null)
    codes.push(checkSpec(cli, spec, [...new Set(credentials.map(({ provider }) => provider))]).code)
  if (told === 0) cli.out.line('Nothing is known yet: startlist verify asks.')
  const code = foldExit(codes)
  cli.out.record({ kind: 'summary', ok: code === 0, calls: 0 })
  return code
}
