import { channelsOf } from '../alerts/channels.ts'
import type { Message } from '../alerts/message.ts'
import type { News } from '../alerts/news.ts'
import { rules } from '../alerts/rules/index.ts'
import { lookAndDeliver } from '../alerts/watch.ts'
import { StartlistError } from '../domain/errors.ts'
import { listAlerts, type OpenAlert } from '../store/alerts/book.ts'
import { undelivered } from '../store/alerts/messages.ts'
import type { Cli, Command } from './cli.ts'
import type { ExitCode } from './exit.ts'
import { withSession } from './session.ts'
import type { Column } from './table.ts'
import { age } from './times.ts'

/** `alerts`: what is open, or with `--all` what is over as well. */
export const list: Command<{ all?: boolean }> = (cli, { all = false }) =>
  withSession(cli, {}, async ({ db }) => {
    tell(cli, await listAlerts(db, { all }))
    const stuck = await undelivered(db)
    if (stuck > 0) cli.out.note(`${stuck} messages have not arrived yet: startlist alerts test says why.`)
    return 0
  })

/** `alerts check`: looks at every rule now and delivers, for a machine where nothing runs; 3 while one is open. */
export const check: Command<object> = (cli) =>
  withSession(cli, {}, async (session) => {
    let code: ExitCode = 0
    const problem = (error: unknown) => {
      code = 1
      cli.out.problem(error)
    }
    await lookAndDeliver(session, {
      rules,
      channels: channelsOf(session.config.alerts),
      now: true,
      report: { news: () => {}, problem, undelivered: ({ error }) => problem(error) },
    })
    const open = await listAlerts(session.db)
    tell(cli, open)
    return code === 0 && open.length > 0 ? 3 : code
  })

/** `alerts test`: sends a message by each channel, at once and without the database's help. */
export const test: Command<object> = (cli) =>
  withSession(cli, {}, async ({ config, clock }) => {
    const channels = channelsOf(config.alerts)
    if (channels.length === 0)
      throw new StartlistError('CONFIG_INVALID', 'alerts go to the log alone: no other channel is set', {
        hint: 'docs/alerts.md tells how to set a webhook or a mail server.',
      })
    let code: ExitCode = 0
    for (const channel of channels) {
      const parcel = { messageId: crypto.randomUUID(), message: trial(clock.now()), at: clock.now() }
      try {
        await channel.send(parcel)
        cli.out.record({ channel: channel.name, ok: true })
        cli.out.line(`${channel.name}: taken. Has it arrived?`)
      } catch (error) {
        code = 1
        cli.out.problem(error, { label: channel.name, fields: { channel: channel.name, ok: false } })
      }
    }
    return code
  })

function trial(now: number): Message {
  const news: News = {
    key: 'test',
    rule: 'test',
    state: 'opened',
    message: 'this is a test',
    hint: 'Nothing is wrong.',
    since: now,
  }
  return { news: [news], more: 0 }
}

type Listed = OpenAlert & { resolvedAt: number | null }

const COLUMNS: Column[] = [
  { head: 'Alert' },
  { head: 'What', shrink: true, least: 30 },
  { head: 'Since', align: 'right' },
  { head: 'Over', align: 'right', optional: true },
]

function tell({ out, clock }: Cli, alerts: readonly Listed[]): void {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  for (const { since, seenAt, toldAt, resolvedAt, ...alert } of alerts) {
    const times = { since: iso(since), seenAt: iso(seenAt), toldAt: iso(toldAt), resolvedAt: iso(resolvedAt) }
    out.record({ ...alert, ...times })
  }
  if (alerts.length === 0) out.line('No alert is open.')
  else show({ out, clock }, alerts)
}

function show({ out, clock }: Pick<Cli, 'out' | 'clock'>, alerts: readonly Listed[]): void {
  const now = clock.now()
  out.table(
    COLUMNS,
    alerts.map(({ rule, message, since, resolvedAt }) => [
      rule,
      message,
      age(since, now),
      resolvedAt === null ? '' : age(resolvedAt, now),
    ]),
  )
  for (const { hint, resolvedAt, rule } of alerts) if (resolvedAt === null) out.line(`${rule}: ${hint}`)
}
