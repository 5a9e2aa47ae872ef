import { StartlistError } from '../domain/errors.ts'
import { registerSecret } from '../observe/scrub.ts'
import { addCredential, listCredentials } from '../store/credentials.ts'
import type { Trx } from '../store/database.ts'
import { addPartner, listPartners } from '../store/partners.ts'
import { openSecret } from '../sync/secrets.ts'
import type { Command } from './cli.ts'
import { putSecret } from './credentials.ts'
import { COLUMNS, type ImportRow, readRows } from './import/read-rows.ts'
import { readPrivateFile } from './secret-input.ts'
import { type Session, withSession } from './session.ts'

export interface ImportOptions {
  file?: string
  template?: boolean
}

const EXAMPLE = 'Lantern Timing,Lantern Bay Runners,haku,4ab91...,the secret,America/New_York'

/** `credentials import`: many credentials at once, with the partners they belong to; all of a file or nothing. */
export const importCredentials: Command<ImportOptions> = async (cli, { file, template }) => {
  if ((file === undefined) === (template !== true))
    throw new StartlistError('USAGE', 'name a file, or give --template')
  if (file === undefined) {
    cli.out.line(COLUMNS.join(','))
    cli.out.line(EXAMPLE)
    return 0
  }
  const rows = readRows(readPrivateFile(file))
  for (const { secret } of rows) registerSecret(secret)
  return withSession(cli, {}, async (session) => {
    const done = await session.db.transaction().execute(async (trx) => {
      const results: Imported[] = []
      for (const row of rows) results.push(await importRow(session, trx, row))
      return results
    })
    for (const result of done) cli.out.record(result)
    cli.out.table(
      [{ head: 'Line', align: 'right' }, { head: 'Partner' }, { head: 'Id', align: 'right' }, { head: '' }],
      done.map(({ line, partner, id, outcome }) => [String(line), partner, String(id), outcome]),
    )
    cli.out.line(`Take ${file} away now: its secrets are sealed in the database.`)
    if (done.some(({ outcome }) => outcome !== 'unchanged'))
      cli.out.line('Next: startlist credentials test --all')
    return 0
  })
}

interface Imported {
  line: number
  /** of the credential */
  id: number
  partnerId: number
  partner: string
  outcome: 'added' | 'secret changed' | 'unchanged'
}

async function importRow(session: Session, trx: Trx, row: ImportRow): Promise<Imported> {
  const { line, provider, principal, organization, timezone, secret } = row
  const { partnerId, name: partner } = await partnerOf(trx, row)
  const added = await addCredential(trx, { partnerId, provider, organization, principal, timezone })
  if (added !== null) {
    await putSecret(session, trx, added.credentialId, secret)
    return { line, id: added.credentialId, partnerId, partner, outcome: 'added' }
  }
  const known = (await listCredentials(trx, { partnerId, provider })).find((c) => c.principal === principal)
  if (known === undefined)
    throw new StartlistError('DATABASE', `line ${line}: the credential cannot be stored`)
  const id = known.credentialId
  // A file may be imported again: what a secret has proven is void only where it is another.
  const vault = { db: trx, key: session.key }
  if (known.secret !== null && (await openSecret(vault, known)).secret === secret)
    return { line, id, partnerId, partner, outcome: 'unchanged' }
  await putSecret(session, trx, id, secret, known.state === 'Paused' ? (known.stateReason ?? '') : null)
  return { line, id, partnerId, partner, outcome: 'secret changed' }
}

/** By number, or by name; a name that is new is a new timing partner. */
async function partnerOf(
  trx: Trx,
  { partner, timezone, line }: ImportRow,
): Promise<{ partnerId: number; name: string }> {
  const isNumber = /^\d{1,9}$/.test(partner)
  const [known] = await listPartners(trx, isNumber ? { partnerId: Number(partner) } : { name: partner })
  if (known !== undefined) return known
  if (isNumber)
    throw new StartlistError('NO_SUCH_PARTNER', `line ${line}: there is no timing partner ${partner}`)
  const partnerId = await addPartner(trx, { name: partner, timezone })
  if (partnerId === null) throw new StartlistError('DATABASE', `line ${line}: the partner cannot be stored`)
  return { partnerId, name: partner }
}
