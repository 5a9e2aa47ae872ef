import { ERROR_CODES, StartlistError } from '../domain/errors.ts'
import { readDiscovery } from '../store/discovery.ts'
import { credentialOverview } from '../store/overview/credentials.ts'
import { listEvents } from '../store/overview/events.ts'
import { addPartner, listPartners } from '../store/partners.ts'
import { isOver } from '../sync/event-schedule.ts'
import type { Cli, Command } from './cli.ts'
import { replaceSecret, requireCredential, storeCredential } from './credentials.ts'
import { testChosen } from './credentials-test.ts'
import { discoverChosen } from './discover.ts'
import { tellEvents, withCounts } from './events.ts'
import { type ExitCode, foldExit } from './exit.ts'
import { providerOption, textOption, zoneOption } from './options.ts'
import { readSecret, type SecretOptions } from './secret-input.ts'
import { type Session, withSession } from './session.ts'
import { showStatus } from './status.ts'
import { verifyChosen } from './verify.ts'

export interface SetupOptions extends SecretOptions {
  name?: string
  timezone?: string
  provider?: string
  org?: string
  principal?: string
}

const DAY = 24 * 3_600_000
const AHEAD_DAYS = 60
/** A mistyped secret is asked for again; each try is a call. */
const MOST_TRIES = 3

/**
 * `setup`: a person's first hour. Asks for what no option gave; every step can be repeated: a partner or client id
 * that is known is used again, and only its secret replaced.
 */
export const setup: Command<SetupOptions> = async (cli, options) => {
  const answers = await askAll(options)
  return withSession(cli, {}, async (session) => {
    // Before anything is stored: whoever gives up here leaves nothing behind.
    const secret = await secretFor(session, answers, options)
    const partnerId = await ensurePartner(cli, session, answers)
    const credentialId = await ensureCredential(cli, session, partnerId, answers, secret)
    const tested = await testUntilReady(cli, session, credentialId)
    if (tested !== 0) return tested
    const verified = await verifyChosen(cli, session, partnerId)
    const discovered = await discoverRest(cli, session, partnerId)
    cli.out.line()
    await showNext(cli, session, partnerId)
    cli.out.line()
    await showStatus(cli, session)
    cli.out.line()
    cli.out.line('Next: startlist sync reads the registrations.')
    // What could not be shown yet, such as a poll where nobody is registered, is no fault of the setup.
    return foldExit([verified === 3 ? 0 : verified, discovered])
  })
}

/** A verification reads a few pages of events: where there are more, they are read here. */
async function discoverRest(cli: Cli, session: Session, partnerId: number): Promise<ExitCode> {
  const mine = await credentialOverview(session.db, { partnerId })
  const accountIds = [...new Set(mine.map((credential) => credential.accountId))].filter((id) => id !== null)
  const known = await Promise.all(accountIds.map((id) => readDiscovery(session.db, id)))
  if (known.every(({ wholeAt }) => wholeAt !== null)) return 0
  return discoverChosen(cli, session, { partnerId })
}

interface Answers {
  name: string
  timezone: string
  provider: 'haku' | 'runsignup'
  organization: string
  principal: string
}

async function askAll(options: SetupOptions): Promise<Answers> {
  const { name, timezone, provider, org, principal } = options
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  // A server's clock is often set to UTC, where few races are.
  const preset = zone === 'UTC' ? '' : zone
  return {
    name: await given(name, '--name', 'Name of the timing partner: '),
    timezone: await checked(timezone, '--timezone', 'Its time zone: ', zoneOption, preset),
    provider: providerOption(provider ?? 'haku'),
    organization: await given(org, '--org', 'Organization at the provider: '),
    principal: await given(principal, '--principal', 'Client id: '),
  }
}

const given = (value: string | undefined, option: string, question: string) =>
  checked(value, option, question, (text) => textOption(text, option))

/** An option as it was given, else a person's answer, asked for until it can be used. */
async function checked(
  value: string | undefined,
  option: string,
  question: string,
  check: (text: string) => string,
  preset = '',
): Promise<string> {
  if (value !== undefined) return check(value)
  if (!process.stdin.isTTY) {
    throw new StartlistError('USAGE', `${option} is missing`, {
      hint: 'Without a terminal setup takes --name, --timezone, --org, --principal and --secret-stdin.',
    })
  }
  const { ask } = await import('./prompt.ts')
  for (;;) {
    try {
      return check(await ask(question, preset))
    } catch (error) {
      if (!(error instanceof StartlistError) || error.code !== 'BAD_INPUT') throw error
      const advice = error.hint === ERROR_CODES.BAD_INPUT.hint ? '' : ` ${error.hint}`
      process.stderr.write(`${error.message}.${advice}\n`)
    }
  }
}

async function ensurePartner({ out }: Cli, { db }: Session, { name, timezone }: Answers): Promise<number> {
  const [known] = await listPartners(db, { name })
  if (known !== undefined) {
    out.line(`Timing partner ${known.partnerId} is ${known.name} already.`)
    if (known.timezone !== timezone) {
      const kept = known.timezone === null ? 'It still has no zone' : `Its zone is still ${known.timezone}`
      out.line(`${kept}: startlist partners set ${known.partnerId} --timezone ${timezone} changes it.`)
    }
    return known.partnerId
  }
  const id = await addPartner(db, { name, timezone })
  if (id === null)
    throw new StartlistError('DATABASE', 'the next partner id is taken: its sequence is behind')
  out.line(`Timing partner ${id}: ${name}.`)
  return id
}

/** The secret; null where the credential is ready and no other secret is given. */
async function secretFor(session: Session, answers: Answers, options: SecretOptions): Promise<string | null> {
  const [partner] = await listPartners(session.db, { name: answers.name })
  const known = partner && (await knownCredential(session, partner.partnerId, answers))
  const isAsked = options.secretStdin === true || options.secretFile !== undefined
  return known?.state === 'Ready' && !isAsked ? null : readSecret(options)
}

async function knownCredential({ db }: Session, partnerId: number, { provider, principal }: Answers) {
  const mine = await credentialOverview(db, { partnerId })
  return mine.find((credential) => credential.provider === provider && credential.clientId === principal)
}

async function ensureCredential(
  { out }: Cli,
  session: Session,
  partnerId: number,
  answers: Answers,
  secret: string | null,
): Promise<number> {
  const { provider, organization, principal } = answers
  const known = await knownCredential(session, partnerId, answers)
  if (known !== undefined && secret === null) {
    out.line(`Credential ${known.credentialId} is ready already.`)
    return known.credentialId
  }
  // Gone since it was looked at, which only another startlist can do.
  if (secret === null) throw new StartlistError('BAD_INPUT', 'the credential has just been removed')
  if (known !== undefined) {
    await replaceSecret(session, known, secret)
    out.line(`The secret of credential ${known.credentialId} is changed.`)
    return known.credentialId
  }
  const id = await storeCredential(
    session,
    { partnerId, provider, organization, principal, timezone: null },
    secret,
  )
  out.line(`Credential ${id} is added.`)
  return id
}

async function testUntilReady(cli: Cli, session: Session, credentialId: number): Promise<ExitCode> {
  for (let tries = 1; ; tries++) {
    const credential = await requireCredential(session.db, credentialId)
    const code = await testChosen(cli, session, [credential])
    if (code !== 3 || tries === MOST_TRIES || !process.stdin.isTTY) return code
    const { state } = await requireCredential(session.db, credentialId)
    if (state !== 'Refused') return code
    await replaceSecret(session, credential, await readSecret({}))
  }
}

async function showNext(cli: Cli, { db }: Session, partnerId: number): Promise<void> {
  const now = cli.clock.now()
  const events = (await listEvents(db, { partnerId })).filter((event) => {
    const start = event.startsAt ?? (event.startDay === null ? null : Date.parse(event.startDay))
    return !isOver(event, now) && (start === null || start - now <= AHEAD_DAYS * DAY)
  })
  cli.out.line(
    events.length === 0 ? `No event in the next ${AHEAD_DAYS} days.` : `The next ${AHEAD_DAYS} days:`,
  )
  tellEvents(cli, await withCounts(db, events))
}
