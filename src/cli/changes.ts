import { StartlistError } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import { type AskedChanges, askedChanges } from '../feed/asked.ts'
import { feedJson } from '../feed/entry-json.ts'
import { FeedHub } from '../feed/hub.ts'
import { CHANGE_COLUMNS, changeRows } from '../feed/rows.ts'
import { isWanted } from '../feed/wanted.ts'
import type { Db } from '../store/database.ts'
import { findMark } from '../store/feed/marks.ts'
import { type FeedEntry, type FeedFilter, feedSpan } from '../store/overview/feed.ts'
import { openSnapshot } from '../store/start-list/snapshot.ts'
import type { Cli, Command } from './cli.ts'
import { cellText, csvLines } from './csv.ts'
import { type FeedEvent, feedOf } from './feed-of.ts'
import { kindsOption, optionalId } from './options.ts'
import { withSession } from './session.ts'
import { oneLine } from './table.ts'

export interface ChangesOptions {
  event: string
  partner?: string
  since?: string
  after?: string
  kind?: string
  field?: string
  net?: boolean
  csv?: boolean
  follow?: boolean
}

/** `changes`: an event's change feed, one line a change, old -> new; with `--follow` it goes on as it comes. */
export const changes: Command<ChangesOptions> = (cli, options) => {
  const { csv = false, follow = false, net = false, since, after } = options
  if (csv && cli.out.json) throw new StartlistError('USAGE', 'give --csv or --json, not both')
  if (since !== undefined && after !== undefined)
    throw new StartlistError('USAGE', 'give --since MARK or --after N, not both')
  if (net && follow)
    throw new StartlistError('USAGE', '--net tells what came of all changes: it cannot --follow')
  if (after !== undefined && !/^\d{1,15}$/.test(after))
    throw new StartlistError('BAD_INPUT', `--after is a position such as 120, not "${after}"`)
  const partnerId = optionalId(options.partner, '--partner')
  const kinds = options.kind === undefined ? undefined : kindsOption(options.kind, '--kind')
  return withSession(cli, {}, async ({ db, url, clock }) => {
    const feed = await feedOf(db, options.event, partnerId)
    const only: FeedFilter = { eventId: feed.member, kinds, field: options.field }
    const printer = new Printer(cli, feed, csv)
    await printer.begin()
    const after = await placeOf(db, feed, options)
    const position = await printKept(cli, { db, feed, after, printer }, { ...only, net })
    if (follow) await keepPrinting({ cli, db, url, clock }, { feed, only, position, printer })
    else printer.end()
    return 0
  })
}

/** Where to begin: at a mark, behind a position, or at the first change that is kept. */
async function placeOf(db: Db, { at }: FeedEvent, { since, after }: ChangesOptions): Promise<number> {
  if (since !== undefined) return (await findMark(db, at, since)).position
  return after === undefined ? (await feedSpan(db, at)).purged : Number(after)
}

/** @returns how far the feed came */
async function printKept(
  cli: Cli,
  { db, feed, after, printer }: { db: Db; feed: FeedEvent; after: number; printer: Printer },
  asked: AskedChanges,
): Promise<number> {
  const { trx, close } = await openSnapshot(db, {})
  try {
    for await (const batch of askedChanges(trx, feed.at, after, asked)) {
      cli.signal.throwIfAborted()
      await printer.print(batch)
    }
    return (await feedSpan(trx, feed.at)).last
  } finally {
    await close()
  }
}

async function keepPrinting(
  { cli, db, url, clock }: { cli: Cli; db: Db; url: string; clock: Cli['clock'] },
  from: { feed: FeedEvent; only: FeedFilter; position: number; printer: Printer },
): Promise<void> {
  const hub = new FeedHub({ db, url, clock, onProblem: (error) => cli.out.problem(error) })
  hub.start()
  try {
    const { feed, only, position, printer } = from
    for await (const entries of hub.follow(feed.at, position, { signal: cli.signal }))
      await printer.print(entries.filter((entry) => isWanted(entry, only)))
  } catch (error) {
    if (!cli.signal.aborted) throw error
  } finally {
    await hub.stop()
  }
}

class Printer {
  readonly #cli: Cli
  readonly #feed: FeedEvent
  readonly #csv: boolean
  readonly #times: Intl.DateTimeFormat
  #count = 0

  constructor(cli: Cli, feed: FeedEvent, csv: boolean) {
    this.#cli = cli
    this.#feed = feed
    this.#csv = csv
    this.#times = new Intl.DateTimeFormat('sv-SE', {
      timeZone: feed.event.timezone ?? 'UTC',
      dateStyle: 'short',
      timeStyle: 'medium',
    })
  }

  async begin(): Promise<void> {
    if (this.#csv) await this.#cli.out.write(csvLines([CHANGE_COLUMNS]))
    else this.#cli.out.note(`Times are of ${this.#feed.event.timezone ?? 'UTC'}.`)
  }

  async print(entries: readonly FeedEntry[]): Promise<void> {
    if (entries.length === 0) return
    const { out } = this.#cli
    this.#count += entries.length
    if (this.#csv) await out.write(csvLines(entries.flatMap(changeRows)))
    else if (out.json) {
      const { provider, partnerId, eventId: listId } = this.#feed.at
      const lines = entries.map((e) => JSON.stringify({ provider, partnerId, listId, ...feedJson(e) }))
      await out.write(`${lines.join('\n')}\n`)
    } else await out.write(entries.map((entry) => `${this.#line(entry)}\n`).join(''))
  }

  end(): void {
    if (this.#count === 0) this.#cli.out.note('Nothing changed.')
    else this.#cli.out.note(this.#count === 1 ? '1 change' : `${this.#count} changes`)
  }

  #line(entry: FeedEntry): string {
    const { position, change, bib, firstName, lastName, participantId } = entry
    const name = [firstName, lastName].filter((part) => part !== null).join(' ')
    const who = `${bib === null ? 'no bib' : `bib ${bib}`}, ${name || `registration ${participantId}`}`
    const what = change === 'added' ? '' : fieldsText(entry)
    return oneLine(
      `${position}  ${this.#times.format(entry.seenAt)}  ${change}: ${who}${what && `: ${what}`}`,
    )
  }
}

/** Many of somebody's columns may have changed; a line tells them all, old -> new. */
function fieldsText({ fields }: FeedEntry): string {
  return Object.entries(fields)
    .map(([name, [old, now]]) => `${name.replaceAll('_', ' ')} ${valueText(old)} -> ${valueText(now)}`)
    .join('; ')
}

const valueText = (value: Json) => (value === null || value === '' ? '(none)' : cellText(value))
