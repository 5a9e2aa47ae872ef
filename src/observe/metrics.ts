import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/**
 * What `/metrics` shows, in Prometheus' text form. Labels are ids, classes and codes: never a name, a client id or
 * anything of a person. docs/scheduler.md explains each.
 */

/** A turn that is over. */
export interface TurnMeasure {
  ok: boolean
  ms: number
  /** intervals, in ms, of its polls that began late (P4) */
  late: readonly number[]
  /** when it ended, ms since the epoch */
  endedAt: number
}

/** A list page that was stored: how long its transaction took, and what became of its rows. */
export interface PageMeasure {
  ms: number
  inserted: number
  updated: number
  unchanged: number
  removed: number
  rejected: number
}

/** The state of the database at one moment. */
export interface StateMeasure {
  tiers: readonly { everySeconds: number; events: number; late: number; oldestSeconds: number | null }[]
  accounts: readonly { accountId: number; used: number; limit: number; pause: string | null }[]
  credentials: readonly { state: string; count: number }[]
  /** what the last audits left; of kind `ledger` calls */
  mismatches: readonly { kind: string; count: number }[]
  alerts: readonly { rule: string; count: number }[]
  /** messages about alerts that were tried and have not arrived */
  undeliveredAlerts: number
}

/** What happened since the last look. */
export interface NewsMeasure {
  calls: readonly { class: string; purpose: string; result: string; ms: readonly number[] }[]
  changes: readonly { change: string; count: number }[]
}

export interface Metrics {
  /** Counts a turn of this process. */
  turn(measure: TurnMeasure): void
  /** Counts a page that this process stored. */
  page(measure: PageMeasure): void
  /** Replaces what is known of the database's state. */
  state(measure: StateMeasure): void
  /** Says whether the database answered when it was last asked. */
  databaseUp(isUp: boolean): void
  /** Adds what happened in the database since the last look. */
  news(measure: NewsMeasure): void
  /** All of it as text. */
  text(): Promise<string>
  readonly contentType: string
}

const CALL_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const PAGE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const TURN_SECONDS = [0.05, 0.25, 1, 2.5, 5, 10, 20, 30, 60]

/** Metrics of one process; a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const turns = new Counter({
    name: 'startlist_turns_total',
    help: 'Turns of this process, by result: ok or failed.',
    labelNames: ['result'],
    registers,
  })
  const turnSeconds = new Histogram({
    name: 'startlist_turn_duration_seconds',
    help: 'How long turns of this process took.',
    buckets: TURN_SECONDS,
    registers,
  })
  const lastTurn = new Gauge({
    name: 'startlist_last_turn_timestamp_seconds',
    help: 'When a turn of this process last ended, since the epoch.',
    registers,
  })
  const rows = new Counter({
    name: 'startlist_rows_total',
    help: 'Rows of list pages that this process stored, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  const pageSeconds = new Histogram({
    name: 'startlist_page_duration_seconds',
    help: 'How long the transaction of a list page took.',
    buckets: PAGE_SECONDS,
    registers,
  })
  const latePolls = new Counter({
    name: 'startlist_late_polls_total',
    help: 'Polls of this process whose list call began late, by poll interval in seconds.',
    labelNames: ['every'],
    registers,
  })
  const up = new Gauge({
    name: 'startlist_database_up',
    help: '1 when the database answered; what is read from it is shown only then.',
    registers,
  })
  const gauges = stateGauges(registers)
  const counters = newsCounters(registers)
  return {
    contentType: registry.contentType,
    turn({ ok, ms, late, endedAt }) {
      turns.inc({ result: ok ? 'ok' : 'failed' })
      turnSeconds.observe(ms / 1000)
      lastTurn.set(endedAt / 1000)
      for (const every of late) latePolls.inc({ every: String(every / 1000) })
    },
    page({ ms, ...outcomes }) {
      pageSeconds.observe(ms / 1000)
      for (const [outcome, count] of Object.entries(outcomes)) rows.inc({ outcome }, count)
    },
    databaseUp(isUp) {
      up.set(isUp ? 1 : 0)
      if (!isUp) for (const gauge of Object.values(gauges)) gauge.reset()
    },
    state: (measure) => setState(gauges, measure),
    news: (measure) => addNews(counters, measure),
    text: () => registry.metrics(),
  }
}

function stateGauges(registers: Registry[]) {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge<L>({ name, help, labelNames, registers })
  return {
    freshness: gauge('startlist_freshness_seconds', 'Age of the oldest list, by poll interval in seconds.', [
      'every',
    ]),
    events: gauge('startlist_polled_events', 'Events that are polled, by poll interval in seconds.', [
      'every',
    ]),
    late: gauge('startlist_late_events', 'Events whose poll is overdue, by poll interval in seconds.', [
      'every',
    ]),
    used: gauge('startlist_quota_used_calls', 'Calls that count against the quota now.', ['account']),
    limit: gauge('startlist_quota_limit_calls', 'Calls in any rolling 60 minutes.', ['account']),
    paused: gauge('startlist_account_paused', '1 while a breaker keeps the account from calling.', [
      'account',
      'reason',
    ]),
    credentials: gauge('startlist_credentials', 'Credentials, by state.', ['state']),
    mismatches: gauge('startlist_audit_mismatches', 'Mismatches that the last audits left, by kind.', [
      'kind',
    ]),
    alerts: gauge('startlist_alerts_open', 'Alerts that are open, by rule.', ['rule']),
    undelivered: gauge(
      'startlist_alert_messages_undelivered',
      'Messages that were tried and have not arrived.',
      [],
    ),
  }
}

function setState(gauges: ReturnType<typeof stateGauges>, state: StateMeasure) {
  // What is gone must not stay as it was last.
  for (const gauge of Object.values(gauges)) gauge.reset()
  for (const tier of state.tiers) {
    const every = String(tier.everySeconds)
    gauges.events.set({ every }, tier.events)
    gauges.late.set({ every }, tier.late)
    if (tier.oldestSeconds !== null) gauges.freshness.set({ every }, tier.oldestSeconds)
  }
  for (const { accountId, used, limit, pause } of state.accounts) {
    const account = String(accountId)
    gauges.used.set({ account }, used)
    gauges.limit.set({ account }, limit)
    if (pause !== null) gauges.paused.set({ account, reason: pause }, 1)
  }
  for (const credential of state.credentials)
    gauges.credentials.set({ state: credential.state }, credential.count)
  for (const { rule, count } of state.alerts) gauges.alerts.set({ rule }, count)
  gauges.undelivered.set(state.undeliveredAlerts)
  for (const { kind, count } of state.mismatches) gauges.mismatches.set({ kind }, count)
}

function newsCounters(registers: Registry[]) {
  return {
    calls: new Counter({
      name: 'startlist_calls_total',
      help: 'API calls of all processes since this one began, by class, purpose and result.',
      labelNames: ['class', 'purpose', 'result'],
      registers,
    }),
    callSeconds: new Histogram({
      name: 'startlist_call_duration_seconds',
      help: 'How long these calls took, by purpose.',
      labelNames: ['purpose'],
      buckets: CALL_SECONDS,
      registers,
    }),
    changes: new Counter({
      name: 'startlist_changes_total',
      help: 'Entries of all change feeds since this process began, by change.',
      labelNames: ['change'],
      registers,
    }),
  }
}

function addNews(counters: ReturnType<typeof newsCounters>, { calls, changes }: NewsMeasure) {
  for (const { class: callClass, purpose, result, ms } of calls) {
    counters.calls.inc({ class: callClass, purpose, result }, ms.length)
    for (const took of ms) counters.callSeconds.observe({ purpose }, took / 1000)
  }
  for (const { change, count } of changes) counters.changes.inc({ change }, count)
}
