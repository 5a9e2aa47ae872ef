import type { News } from '../alerts/news.ts'
import type { WatchReport } from '../alerts/watch.ts'
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { TurnOutcome } from '../scheduler/turn.ts'
import { turnLine } from '../scheduler/turn-line.ts'
import type { DeliveryReport } from '../webhooks/deliver.ts'
import type { Output } from './output.ts'
import type { RetentionReport } from './run-retention.ts'
import { clockText } from './times.ts'

/** Tells what a run does: a person a line for what is notable, everybody else a log line per turn (N5). */
export interface RunReport extends WatchReport, RetentionReport, DeliveryReport {
  turn(outcome: TurnOutcome): void
  brokenTurn(accountId: number, error: unknown): void
  problem(error: unknown): void
}

/** JSON log lines, for whoever collects them. */
export function logReport(log: Logger): RunReport {
  return {
    turn(outcome) {
      const { level, message, fields } = turnLine(outcome)
      log[level](fields, message)
    },
    brokenTurn: (accountId, error) => log.error({ accountId, err: error }, 'turn broke'),
    problem: (error) => log.warn({ err: error }, 'between turns'),
    news: (news) => log[news.state === 'resolved' ? 'info' : 'warn'](alertFields(news), 'alert'),
    retired: (counts) => log.info(counts, 'people were kept long enough'),
    undelivered: ({ channel, attempts, error }) =>
      log.warn({ channel, attempts, err: error }, 'alert not delivered'),
    undeliveredChanges: (failed) => log.warn(failed, 'changes not delivered'),
    webhookDisabled: (disabled) => log.warn(disabled, 'webhook switched off'),
  }
}

/** Lines for a person at a terminal: what changed, and what went wrong; quiet polls are not told. */
export function personReport(out: Output, clock: Clock): RunReport {
  const say = (text: string) => out.line(`${clockText(clock.now())}  ${text}`)
  return {
    turn(outcome) {
      const { accountId, error } = outcome
      const { level } = turnLine(outcome)
      if (error !== null && level === 'warn') out.problem(error, { label: `account ${accountId}` })
      else if (outcome.rows + outcome.discoveries + outcome.sweeps + outcome.audits > 0)
        say(`account ${accountId}: ${countsText(outcome)}`)
    },
    brokenTurn: (accountId, error) => out.problem(error, { label: `account ${accountId}` }),
    problem: (error) => out.problem(error),
    news: ({ state, message, hint }) =>
      say(state === 'resolved' ? `resolved: ${message}` : `alert: ${message}. ${hint}`),
    retired: ({ lists, registrations }) =>
      say(`${registrations} registrations of ${lists} events were kept long enough: they lost their person`),
    undelivered: ({ channel, error }) => out.problem(error, { label: `alerts by ${channel}` }),
    undeliveredChanges: ({ webhookId, error }) => say(`webhook ${webhookId}: ${error}; it is tried again`),
    webhookDisabled: ({ webhookId, reason }) => say(`webhook ${webhookId} is switched off: ${reason}`),
  }
}

function alertFields({ rule, key, state, message, hint, since }: News): object {
  // Not `key`: the scrubber takes a field of this name for a secret.
  return { rule, alert: key, state, what: message, hint, since: new Date(since).toISOString() }
}

function countsText(outcome: TurnOutcome): string {
  const parts: [count: number, one: string, many: string][] = [
    [outcome.discoveries, 'discovery', 'discoveries'],
    [outcome.polls, 'poll', 'polls'],
    [outcome.sweeps, 'sweep', 'sweeps'],
    [outcome.details, 'detail', 'details'],
    [outcome.audits, 'audit', 'audits'],
    [outcome.rows, 'row written', 'rows written'],
    [outcome.calls, 'call', 'calls'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ')
}
