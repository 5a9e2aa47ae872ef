import { createApp } from '../api/app.ts'
import { type Readiness, readinessOf, STARTING } from '../api/readiness.ts'
import { type ApiServer, listen } from '../api/server.ts'
import type { ApiServices } from '../api/v1/context.ts'
import { StartlistError } from '../domain/errors.ts'
import { FeedHub } from '../feed/hub.ts'
import { createLogger } from '../observe/logger.ts'
import { createMetrics, type PageMeasure, type TurnMeasure } from '../observe/metrics.ts'
import { type ServiceManager, serviceManager } from '../observe/service-manager.ts'
import { Measures } from '../scheduler/measures.ts'
import { serve } from '../scheduler/service.ts'
import { takeTurn } from '../scheduler/turn.ts'
import { queueName } from '../scheduler/turn-queue.ts'
import { hostOf } from '../store/database-error.ts'
import { accountsWithoutShare } from '../store/overview/foreign.ts'
import { shadowedSince } from '../store/shadow/tables.ts'
import { pendingTurns, workingAccounts } from '../store/turns.ts'
import { requirePartner } from './accounts.ts'
import type { Cli, Command } from './cli.ts'
import type { ExitCode } from './exit.ts'
import { optionalId } from './options.ts'
import { startWatch } from './run-alerts.ts'
import { openApi, signInLink } from './run-api.ts'
import { logReport, personReport, type RunReport } from './run-report.ts'
import { startRetention } from './run-retention.ts'
import { startWebhooks } from './run-webhooks.ts'
import { registerRun } from './running.ts'
import { type Session, withSession } from './session.ts'
import { shadow } from './shadow.ts'

export interface RunOptions {
  partner?: string
  shadow?: boolean
  /** False with `--no-api`. */
  api: boolean
  host: string
  port: string
}

/** Beside two connections for each turn: looking around, metrics, and renewals of tokens. */
const SPARE_CONNECTIONS = 8

/** Keeps everything current until it is told to stop. */
export const run: Command<RunOptions> = async (cli, options) => {
  const partnerId = optionalId(options.partner, '--partner')
  const desk = new Desk()
  // Before the database is started: a second `run` by mistake changes nothing.
  const server = options.api ? await openServer(desk, options) : null
  try {
    const connections = ({ concurrency }: { concurrency: number }) => 2 * concurrency + SPARE_CONNECTIONS
    return await withSession(isWatchedBy(cli) ? cli : unwatched(cli), { connections }, async (session) => {
      if (options.shadow) await shadow(isWatchedBy(cli) ? cli : unwatched(cli), session)
      return keep(cli, session, desk, server, partnerId)
    })
  } finally {
    await server?.close()
  }
}

/** A person reads lines at a terminal; everybody else gets log lines (N5). */
function isWatchedBy({ out }: Cli): boolean {
  return out.interactive && !out.json
}

/** Remarks for people have no place among log lines. */
function unwatched(cli: Cli): Cli {
  return { ...cli, out: { ...cli.out, note: () => {}, line: () => {} } }
}

function openServer(desk: Desk, { host, port }: RunOptions): Promise<ApiServer> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new StartlistError('BAD_INPUT', `--port is a number from 0 to 65535, not "${port}"`)
  return listen(createApp(desk), { host, port: Number(port) })
}

/** What the server answers from: nothing much until the database is open. */
class Desk {
  readonly #metrics = createMetrics()
  #measures: Measures | null = null
  #readiness: () => Promise<Readiness> = async () => STARTING
  #lastTurnAt: number | null = null
  #services: ApiServices | null = null
  #failed: (error: unknown) => void = () => {}

  open({ db, config, clock }: Session, partnerId?: number): void {
    this.#measures = new Measures(db, config, this.#metrics)
    const pulse = async () => {
      const waiting = (await pendingTurns(db, queueName(partnerId))).find((turn) => turn.state === 'waiting')
      return { dueAt: waiting?.startAt ?? null, lastTurnAt: this.#lastTurnAt }
    }
    this.#readiness = () => readinessOf(db, pulse, clock.now())
  }

  /** From now on /v1 answers. */
  openApi(services: ApiServices, failed: (error: unknown) => void): void {
    this.#services = services
    this.#failed = failed
  }

  services(): ApiServices | null {
    return this.#services
  }

  failed(error: unknown): void {
    this.#failed(error)
  }

  turnEnded(turn: TurnMeasure): void {
    this.#lastTurnAt = turn.endedAt
    this.#metrics.turn(turn)
  }

  pageStored(page: PageMeasure): void {
    this.#metrics.page(page)
  }

  readiness(): Promise<Readiness> {
    return this.#readiness()
  }

  async metrics(): Promise<{ text: string; contentType: string }> {
    await this.#measures?.look()
    return { text: await this.#metrics.text(), contentType: this.#metrics.contentType }
  }

  /** Calls and changes are counted from now on. */
  beginCounting(): Promise<void> {
    return this.#measures?.look() ?? Promise.resolve()
  }
}

async function keep(
  cli: Cli,
  session: Session,
  desk: Desk,
  server: ApiServer | null,
  partnerId: number | undefined,
): Promise<ExitCode> {
  const { clock, config, db, url } = session
  if (partnerId !== undefined) await requirePartner(db, partnerId)
  const log = createLogger({ level: config.logLevel })
  const isWatched = isWatchedBy(cli)
  const report = isWatched ? personReport(cli.out, clock) : logReport(log)
  if (!isWatched) cli.out.tellProblems((error) => log.fatal({ err: error }, 'run failed'))
  const unregister = register(config.home, report)
  const manager = serviceManager()
  const watchdog = feedWatchdog(manager, desk)
  cli.signal.addEventListener('abort', () => {
    manager.stopping()
    if (!isWatched) log.info('run ends')
  })
  const only = partnerId === undefined ? {} : { partnerId }
  const api = server === null ? null : openApi(session, report.problem)
  const hub = api?.services.hub ?? new FeedHub({ db, url, clock, onProblem: report.problem })
  hub.start()
  // A run of one timing partner's accounts would find all others late.
  const beside =
    partnerId === undefined
      ? [startWatch(session, report), startRetention(session, report), startWebhooks(session, hub, report)]
      : []
  try {
    await serve(
      { ...session, onPage: (page) => desk.pageStored(page) },
      {
        url,
        concurrency: config.concurrency,
        signal: cli.signal,
        takeTurn,
        ...only,
        report: {
          ready: async () => {
            desk.open(session, partnerId)
            if (api !== null) desk.openApi(api.services, report.problem)
            await desk.beginCounting()
            const accounts = (await workingAccounts(db, partnerId)).length
            const shadowed = await shadowedSince(db)
            const where = { database: hostOf(url), accounts, port: server?.port ?? null, shadowed }
            if (isWatched) banner(cli, where, await signInLink(session, server?.address ?? null))
            else log.info({ ...where, concurrency: config.concurrency }, 'run began')
            if (!isWatched && shadowed !== null)
              for (const accountId of await accountsWithoutShare(db))
                log.warn(
                  { accountId },
                  'no calls are set aside for the scripts: startlist quota set --external-use',
                )
            cli.out.record({ kind: 'run', ...where })
            manager.ready(`keeps ${accountsText(accounts)} current`)
          },
          turn(outcome) {
            const { ms, late, error } = outcome
            desk.turnEnded({ ok: error === null, ms, late, endedAt: clock.now() })
            report.turn(outcome)
          },
          brokenTurn(accountId, error) {
            desk.turnEnded({ ok: false, ms: 0, late: [], endedAt: clock.now() })
            report.brokenTurn(accountId, error)
          },
          problem: report.problem,
        },
      },
    )
    if (!isWatched) log.info('run ended')
    return 0
  } finally {
    await Promise.all(beside.map((one) => one.stop()))
    clearInterval(watchdog)
    // Who follows a feed is told to come back.
    await hub.stop()
    // Whoever still asks is told that it is away, by the end of the connection.
    await server?.close()
    await api?.close()
    unregister()
  }
}

/**
 * Tells the service manager that turns go on. A database that is away is waited for; only turns that stall, or a
 * process that no longer gets to this, are a reason to be started anew.
 */
function feedWatchdog(manager: ServiceManager, desk: Desk): NodeJS.Timeout | undefined {
  if (manager.watchdogMs === null) return undefined
  return setInterval(async () => {
    const { reasons } = await desk.readiness()
    if (!reasons.some(({ check }) => check === 'turns')) manager.alive()
  }, manager.watchdogMs / 2).unref()
}

/** A home that cannot be written to is no reason not to run; `stop` then cannot find this process. */
function register(home: string, report: RunReport): () => void {
  try {
    return registerRun(home)
  } catch (error) {
    report.problem(error)
    return () => {}
  }
}

function banner({ out }: Cli, where: Where, link: string | null): void {
  const port = where.port === null ? 'no port' : `port ${where.port}`
  out.line(`startlist keeps ${accountsText(where.accounts)} current. Database ${where.database}, ${port}.`)
  if (where.shadowed !== null)
    out.line(`It leaves the legacy tables alone since ${where.shadowed}: startlist shadow diff, shadow end.`)
  if (where.accounts === 0) out.line('startlist setup adds one; it is found without a restart.')
  if (link !== null) out.line(`Your board, for the next 15 minutes and once: ${link}`)
  out.line('Ctrl-C finishes the page under way and stops.')
}

interface Where {
  database: string
  accounts: number
  port: number | null
  shadowed: string | null
}

const accountsText = (accounts: number) => (accounts === 1 ? '1 account' : `${accounts} accounts`)
