import { StartlistError } from '../domain/errors.ts'
import { addMark, listMarks, type Mark, removeMark } from '../store/feed/marks.ts'
import type { Command } from './cli.ts'
import { feedOf } from './feed-of.ts'
import { markName, optionalId } from './options.ts'
import { withSession } from './session.ts'
import type { Column } from './table.ts'
import { age } from './times.ts'

export interface MarksOptions {
  event: string
  partner?: string
  name?: string
  move?: boolean
}

const COLUMNS: Column[] = [
  { head: 'Mark', shrink: true, least: 12 },
  { head: 'Set', align: 'right' },
  { head: 'Position', align: 'right' },
  { head: 'Changes since', align: 'right' },
]

/** `marks`: those of an event. */
export const showMarks: Command<MarksOptions> = (cli, options) =>
  withFeed(cli, options, async ({ db }, { at }) => {
    const marks = await listMarks(db, at)
    for (const mark of marks) cli.out.record(recordOf(mark))
    if (marks.length === 0) cli.out.line('There is no mark: startlist marks --event ID add "bibs printed"')
    else
      cli.out.table(
        COLUMNS,
        marks.map(({ name, madeAt, position, since, kept }) => [
          name,
          age(madeAt, cli.clock.now()),
          String(position),
          kept ? String(since) : { text: `${since}, not all kept`, style: 'yellow' },
        ]),
      )
    return 0
  })

/** `marks add`: from now on `changes --since` tells what changed since. */
export const setMark: Command<MarksOptions> = (cli, options) => {
  const name = markName(options.name ?? '', 'NAME')
  return withFeed(cli, options, async ({ db }, { at }) => {
    const mark = await addMark(db, at, name, { move: options.move === true })
    cli.out.record(recordOf(mark))
    cli.out.line(`"${name}" is set behind change ${mark.position}.`)
    return 0
  })
}

/** `marks remove`. */
export const dropMark: Command<MarksOptions> = (cli, options) => {
  const name = markName(options.name ?? '', 'NAME')
  return withFeed(cli, options, async ({ db }, { at }) => {
    if (!(await removeMark(db, at, { name })))
      throw new StartlistError('NO_SUCH_MARK', `event ${options.event} has no mark "${name}"`)
    cli.out.record({ name, removed: true })
    cli.out.line(`"${name}" is removed.`)
    return 0
  })
}

function withFeed(
  cli: Parameters<typeof withSession>[0],
  { event, partner }: MarksOptions,
  work: (
    session: Parameters<Parameters<typeof withSession>[2]>[0],
    feed: Awaited<ReturnType<typeof feedOf>>,
  ) => ReturnType<Parameters<typeof withSession>[2]>,
): ReturnType<typeof withSession> {
  const partnerId = optionalId(partner, '--partner')
  return withSession(cli, {}, async (session) => work(session, await feedOf(session.db, event, partnerId)))
}

const recordOf = ({ madeAt, ...mark }: Mark) => ({ ...mark, madeAt: new Date(madeAt).toISOString() })
