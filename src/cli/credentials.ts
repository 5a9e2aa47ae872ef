import { StartlistError } from '../domain/errors.ts'
import { addCredential as insertCredential, setSecret as storeSecret } from '../store/credentials.ts'
import type { Db, Trx } from '../store/database.ts'
import { type CredentialOverview, credentialOverview } from '../store/overview/credentials.ts'
import { pauseCredential, removeCredential, resumeCredential } from '../store/partners.ts'
import { seal } from '../store/secrets.ts'
import { requirePartner } from './accounts.ts'
import type { Command } from './cli.ts'
import { idOption, providerOption, textOption, zoneOption } from './options.ts'
import { readSecret, type SecretOptions } from './secret-input.ts'
import { type Session, withSession } from './session.ts'

export interface AddCredentialOptions extends SecretOptions {
  partner: string
  provider: string
  org: string
  principal: string
  timezone?: string
}

/** A credential to be added; its secret comes apart. */
export interface NewCredential {
  partnerId: number
  provider: 'haku' | 'runsignup'
  organization: string
  principal: string
  timezone: string | null
}

/** `credentials add`: a partner's key to one organization at a provider. */
export const addCredential: Command<AddCredentialOptions> = (cli, options) => {
  const credential: NewCredential = {
    partnerId: idOption(options.partner, '--partner'),
    provider: providerOption(options.provider),
    organization: textOption(options.org, '--org'),
    principal: textOption(options.principal, '--principal'),
    timezone: options.timezone === undefined ? null : zoneOption(options.timezone),
  }
  return withSession(cli, {}, async (session) => {
    await requirePartner(session.db, credential.partnerId)
    const secret = await readSecret(options)
    const id = await storeCredential(session, credential, secret)
    cli.out.record({ id, partnerId: credential.partnerId, provider: credential.provider, state: 'Untested' })
    cli.out.line(`Credential ${id} is added. Next: startlist credentials test ${id}`)
    return 0
  })
}

/** Stores a credential with its sealed secret, both or neither. */
export async function storeCredential(
  session: Session,
  credential: NewCredential,
  secret: string,
): Promise<number> {
  return session.db.transaction().execute(async (trx) => {
    const added = await insertCredential(trx, credential)
    if (added === null) {
      throw new StartlistError(
        'BAD_INPUT',
        `timing partner ${credential.partnerId} has this client id already`,
        {
          hint: 'startlist credentials list shows it; credentials set-secret changes its secret.',
        },
      )
    }
    await putSecret(session, trx, added.credentialId, secret)
    return added.credentialId
  })
}

/**
 * Seals and stores a secret; what the old one had proven is void.
 * @param pausedFor why the credential is paused, for it stays so; null when it is not
 */
export async function putSecret(
  { key }: Pick<Session, 'key'>,
  trx: Trx,
  credentialId: number,
  secret: string,
  pausedFor: string | null = null,
): Promise<void> {
  await storeSecret(trx, credentialId, await seal(key, `credential:${credentialId}`, secret))
  if (pausedFor !== null) await pauseCredential(trx, credentialId, pausedFor)
}

/** `credentials set-secret`: what the old secret had proven is void. */
export const setSecret: Command<SecretOptions & { id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async (session) => {
    const credential = await requireCredential(session.db, id)
    const secret = await readSecret(options)
    await replaceSecret(session, credential, secret)
    cli.out.record({ id, state: credential.state === 'Paused' ? 'Paused' : 'Untested' })
    const next = credential.state === 'Paused' ? `resume ${id}` : `test ${id}`
    cli.out.line(`The secret of credential ${id} is changed. Next: startlist credentials ${next}`)
    return 0
  })
}

/** Seals and stores a new secret; a person's pause outlives it. */
export async function replaceSecret(
  session: Session,
  credential: CredentialOverview,
  secret: string,
): Promise<void> {
  const { credentialId, state, why } = credential
  const pausedFor = state === 'Paused' ? (why ?? BY_HAND) : null
  await session.db.transaction().execute((trx) => putSecret(session, trx, credentialId, secret, pausedFor))
}

const BY_HAND = 'by a person'

/** `credentials pause` */
export const pause: Command<{ id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    const { state } = await requireCredential(db, id)
    if (state !== 'Paused') await pauseCredential(db, id, BY_HAND)
    cli.out.record({ id, state: 'Paused' })
    cli.out.line(
      state === 'Paused'
        ? `Credential ${id} was paused already.`
        : `Credential ${id} is paused: no call is made with it until startlist credentials resume ${id}.`,
    )
    return 0
  })
}

/** `credentials resume` */
export const resume: Command<{ id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    const before = await requireCredential(db, id)
    if (before.state === 'Refused') {
      throw new StartlistError(
        'BAD_INPUT',
        `credential ${id} is not paused: the provider refused its secret`,
        {
          hint: `startlist credentials set-secret ${id} --secret-stdin, then credentials test ${id}.`,
        },
      )
    }
    const resumed = await resumeCredential(db, id)
    const { state } = await requireCredential(db, id)
    cli.out.record({ id, state })
    cli.out.line(
      resumed ? `Credential ${id} is in use again (${state}).` : `Credential ${id} was not paused.`,
    )
    return 0
  })
}

/** `credentials remove`: events and participants that it brought stay. */
export const remove: Command<{ id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    const { partner, organization } = await requireCredential(db, id)
    await removeCredential(db, id)
    cli.out.record({ id, removed: true })
    cli.out.line(
      `Credential ${id} (${partner}, ${organization ?? 'no organization'}) is removed. What it brought stays.`,
    )
    return 0
  })
}

/** @throws StartlistError `NO_SUCH_CREDENTIAL` */
export async function requireCredential(db: Db, credentialId: number): Promise<CredentialOverview> {
  const [credential] = await credentialOverview(db, { credentialId })
  if (credential === undefined)
    throw new StartlistError('NO_SUCH_CREDENTIAL', `there is no credential ${credentialId}`)
  return credential
}
