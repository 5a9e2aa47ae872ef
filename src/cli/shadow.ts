import { StartlistError } from '../domain/errors.ts'
import { accountsWithoutShare } from '../store/overview/foreign.ts'
import { beginShadow } from '../store/shadow/begin.ts'
import type { ComparedEvent } from '../store/shadow/compare.ts'
import { discardShadow } from '../store/shadow/discard.ts'
import { shadowedSince } from '../store/shadow/tables.ts'
import { goLive } from '../sync/go-live.ts'
import { type Explained, shadowDifferences } from '../sync/shadow-diff.ts'
import type { Cli, Command } from './cli.ts'
import { ask } from './prompt.ts'
import { type Session, withSession } from './session.ts'

/** `shadow begin`: from now on no process writes a legacy table. */
export const shadowBegin: Command<object> = (cli) =>
  withSession(cli, {}, async (session) => {
    await shadow(cli, session)
    return 0
  })

/** Shadows the installation if it is not shadowed yet, and reminds of what the scripts need of the quota. */
export async function shadow({ out }: Cli, { db }: Session): Promise<void> {
  const began = await beginShadow(db)
  const since = await shadowedSince(db)
  const unshared = await accountsWithoutShare(db)
  out.record({ kind: 'shadow', began, since, unshared })
  out.line(`startlist leaves the legacy tables alone${began ? ' from now on' : ` since ${since}`}.`)
  for (const accountId of unshared)
    out.line(
      `Account ${accountId} sets no calls aside for the scripts: startlist quota set --account ${accountId} --external-use 50%`,
    )
}

/** `shadow diff`: what startlist stored beside the legacy tables, compared with them row by row. */
export const shadowDiff: Command<{ event?: string }> = (cli, { event: only }) =>
  withSession(cli, {}, async ({ db }) => {
    await requireShadow(db)
    let events = 0
    let differing = 0
    for await (const { event, rows } of shadowDifferences(db, only)) {
      events++
      if (await tellEvent(cli, event, rows, only !== undefined)) differing++
    }
    cli.out.record({ kind: 'summary', events, differing })
    if (events === 0) cli.out.line('No event is loaded yet that could be compared.')
    else if (differing === 0)
      cli.out.line(`All ${events} events are in the legacy tables as startlist has them.`)
    else
      cli.out.line(
        `${differing} of ${events} events differ.${only === undefined ? ' --event ID names the people.' : ''}`,
      )
    return 0
  })

async function requireShadow(db: Session['db']): Promise<void> {
  if ((await shadowedSince(db)) !== null) return
  throw new StartlistError('BAD_INPUT', 'this installation is not shadowed', {
    hint: 'startlist run --shadow begins it (docs/cutover.md).',
  })
}

const WORDS = { missing_here: 'only there', missing_there: 'only here', differs: 'differs' } as const

/** @returns whether anything of it differs */
async function tellEvent(
  { out }: Cli,
  event: ComparedEvent,
  rows: AsyncGenerator<Explained>,
  namesPeople: boolean,
): Promise<boolean> {
  const counts = new Map<string, number>()
  let registrations = 0
  const people: string[] = []
  for await (const { difference, findings } of rows) {
    if (difference.key !== null) registrations++
    for (const { kind, field, why } of findings) {
      const reason = why ?? 'no known defect explains it: look at the provider'
      const what = `${field === null ? WORDS[kind] : `${field} differs`}: ${reason}`
      counts.set(what, (counts.get(what) ?? 0) + 1)
      if (!namesPeople) continue
      const here = field === null ? null : (difference.here?.[field] ?? difference.facts.status)
      const there = field === null ? null : (difference.there?.[field] ?? null)
      const row = { registration: difference.key, difference: kind, field, here, there, why }
      out.record({
        kind: 'row',
        provider: event.provider,
        partnerId: event.partnerId,
        eventId: event.eventId,
        ...row,
      })
      const values = field === null ? '' : ` ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`
      people.push(`  ${difference.key ?? 'the event'}: ${field ?? WORDS[kind]}${values}; ${reason}`)
    }
  }
  const { name, ...facts } = event
  out.record({ kind: 'event', ...facts, name, registrations, findings: Object.fromEntries(counts) })
  if (counts.size === 0) return false
  out.line(
    `${name ?? event.eventId} (${event.eventId}, partner ${event.partnerId}): ${event.here} here, ${event.there} there`,
  )
  for (const [what, count] of [...counts].sort(([, a], [, b]) => b - a)) out.line(`  ${count} ${what}`)
  if (people.length > 0) out.line()
  for (const line of people) out.line(line)
  return true
}

/** `shadow end`: from now on startlist writes the legacy tables. */
export const shadowEnd: Command<{ yes?: boolean }> = (cli, { yes }) =>
  withSession(cli, {}, async ({ db }) => {
    await requireShadow(db)
    if (!(await isMeant(cli, yes, LIVE))) return 1
    const live = await goLive(db)
    const merged = live?.merged ?? []
    cli.out.record({ kind: 'live', merged, localBibs: live?.localBibs ?? 0 })
    for (const { table, rows } of merged) cli.out.line(`${String(rows).padStart(8)} rows into ${table}`)
    if (live !== null && live.localBibs > 0)
      cli.out.line(`${live.localBibs} bibs of the legacy tables became local ones; the feed names them.`)
    cli.out.line('startlist works in the legacy tables now.')
    return 0
  })

/** `shadow discard`: what startlist stored beside the legacy tables is thrown away, and they stay as they are. */
export const shadowDiscard: Command<{ yes?: boolean }> = (cli, { yes }) =>
  withSession(cli, {}, async ({ db }) => {
    await requireShadow(db)
    if (!(await isMeant(cli, yes, GONE))) return 1
    const { lists, feeds, remembered } = (await discardShadow(db)) ?? { lists: 0, feeds: 0, remembered: 0 }
    cli.out.record({ kind: 'discarded', lists, feeds, remembered })
    cli.out.line('The shadow is gone, and the legacy tables are as the scripts left them.')
    if (lists > 0) cli.out.line(`${lists} lists count as never read, and ${feeds} feeds begin anew.`)
    if (remembered > 0)
      cli.out.line(
        `${remembered} rows of the legacy tables name people who were forgotten: startlist forget takes them out.`,
      )
    cli.out.line(
      'From now on startlist would work in the legacy tables; startlist run --shadow copies them anew.',
    )
    return 0
  })

/** What a person has to know before, and to say. */
interface Warning {
  asked: string
  without: string
  hint: string
}

const LIVE: Warning = {
  asked: 'Has every script that writes the legacy tables been stopped?',
  without: 'from now on startlist writes the legacy tables',
  hint: 'Stop every script that writes them first; startlist doctor tells whether one still does.',
}
const GONE: Warning = {
  asked: 'Is startlist run stopped, and is all that was stored in the shadow to be thrown away?',
  without: 'all that startlist stored in the shadow is thrown away',
  hint: 'Stop every startlist run first: it would go on in the legacy tables.',
}

async function isMeant({ out }: Cli, yes: boolean | undefined, warning: Warning): Promise<boolean> {
  if (yes) return true
  const { asked, without, hint } = warning
  if (!process.stdin.isTTY) throw new StartlistError('USAGE', `${without}: confirm it with --yes`, { hint })
  const answer = await ask(`${asked} Type yes: `)
  if (answer !== 'yes') out.note('Nothing was changed.')
  return answer === 'yes'
}
