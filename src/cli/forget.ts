import { text as readAll } from 'node:stream/consumers'
import type { ProviderName } from '../domain/account.ts'
import { StartlistError } from '../domain/errors.ts'
import { readDateOfBirth } from '../domain/person.ts'
import { createLogger } from '../observe/logger.ts'
import { countTraces, type Person, registrationsOf, type Traces } from '../store/forgotten.ts'
import { forgetRegistrations } from '../sync/forget.ts'
import type { Cli, Command } from './cli.ts'
import { providerOption } from './options.ts'
import { ask } from './prompt.ts'
import { withSession } from './session.ts'

export interface ForgetOptions {
  provider?: string
  registration?: string[]
  personStdin?: boolean
  dryRun?: boolean
  yes?: boolean
}

const PROVIDERS: readonly ProviderName[] = ['haku', 'runsignup']
const LABELS = {
  registrations: 'rows that lose their person',
  changes: 'feed entries that lose theirs',
  rejects: 'rejected records and fields, removed',
  duplicates: 'rows of the older system, removed',
  frozen: 'rows of frozen start lists that lose theirs',
} as const satisfies Record<keyof Traces, string>

/** `forget`: erases a person from rows, feed, rejects and payloads, for good. Names come in by standard input alone. */
export const forget: Command<ForgetOptions> = async (cli, options) => {
  const find = await finderOf(options)
  return withSession(cli, {}, async ({ db, config }) => {
    const found = await find((provider, person) => registrationsOf(db, provider, person))
    if (found.every(({ keys }) => keys.length === 0)) {
      cli.out.record({ kind: 'forget', dryRun: options.dryRun === true, found: 0 })
      cli.out.line(
        'Nobody is stored by this name and date of birth. A registration number finds who has none.',
      )
      return 3
    }
    const traces = sumOf(await Promise.all(found.map((of) => countTraces(db, of))))
    const count = found.reduce((sum, { keys }) => sum + keys.length, 0)
    const isDone = options.dryRun !== true && (await isMeant(cli, options, count))
    if (isDone) for (const of of found) await forgetRegistrations(db, of)
    tell(cli, traces, { dryRun: !isDone, found: count })
    if (isDone && !cli.out.interactive)
      createLogger({ level: config.logLevel }).info({ found: count, ...traces }, 'forgotten')
    return 0
  })
}

type Lookup = (provider: ProviderName, person: Person) => Promise<string[]>
type Finder = (lookup: Lookup) => Promise<{ provider: ProviderName; keys: string[] }[]>

async function finderOf({ provider, registration, personStdin }: ForgetOptions): Promise<Finder> {
  const only = provider === undefined ? null : providerOption(provider)
  if (registration !== undefined && registration.length > 0) {
    if (only === null || personStdin)
      throw new StartlistError('USAGE', '--registration goes with --provider, and without --person-stdin')
    const keys = registration.map((key) => key.trim())
    if (only === 'runsignup' && !keys.every((key) => /^\d{1,18}$/.test(key)))
      throw new StartlistError('BAD_INPUT', 'a registration number of runsignup has digits only')
    return async () => [{ provider: only, keys }]
  }
  const person = await readPerson(personStdin === true)
  return (lookup) =>
    Promise.all(
      (only === null ? PROVIDERS : [only]).map(async (name) => ({
        provider: name,
        keys: await lookup(name, person),
      })),
    )
}

/** First name, last name and date of birth, a line each. An argument would stand in the process list. */
async function readPerson(isPiped: boolean): Promise<Person> {
  if (!isPiped && !process.stdin.isTTY) {
    throw new StartlistError('USAGE', 'who is to be forgotten?', {
      hint: 'Give --provider and --registration, or --person-stdin and three lines: first name, last name, YYYY-MM-DD.',
    })
  }
  const lines = isPiped
    ? (await readAll(process.stdin)).split('\n')
    : [await ask('First name: '), await ask('Last name: '), await ask('Date of birth (YYYY-MM-DD): ')]
  const [firstName = '', lastName = '', born = ''] = lines.map((line) => line.trim())
  const dateOfBirth = /^\d{4}-\d{2}-\d{2}$/.test(born) ? readDateOfBirth(born) : null
  if (firstName === '' || lastName === '' || !dateOfBirth)
    throw new StartlistError('BAD_INPUT', 'three lines are wanted: first name, last name, YYYY-MM-DD')
  return { firstName, lastName, dateOfBirth }
}

async function isMeant({ out }: Cli, { yes, personStdin }: ForgetOptions, count: number): Promise<boolean> {
  if (yes) return true
  if (personStdin || !process.stdin.isTTY)
    throw new StartlistError('USAGE', 'what is forgotten does not come back: confirm it with --yes', {
      hint: '--dry-run counts and changes nothing.',
    })
  const answer = await ask(`Forget the person of ${count} registrations? It cannot be taken back. Type yes: `)
  if (answer !== 'yes') out.note('Nothing was changed.')
  return answer === 'yes'
}

function sumOf(all: readonly Traces[]): Traces {
  const sum = (of: keyof Traces) => all.reduce((total, traces) => total + traces[of], 0)
  return {
    registrations: sum('registrations'),
    changes: sum('changes'),
    rejects: sum('rejects'),
    duplicates: sum('duplicates'),
    frozen: sum('frozen'),
  }
}

function tell({ out }: Cli, traces: Traces, { dryRun, found }: { dryRun: boolean; found: number }): void {
  out.record({ kind: 'forget', dryRun, found, ...traces })
  out.table(
    [{ head: dryRun ? 'Would be erased' : 'Erased' }, { head: 'Count', align: 'right' }],
    (Object.keys(LABELS) as (keyof Traces)[]).map((what) => [LABELS[what], String(traces[what])]),
  )
}
