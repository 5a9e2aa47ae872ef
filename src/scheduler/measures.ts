import type { Config } from '../config.ts'
import type { Metrics } from '../observe/metrics.ts'
import { effectiveLimit } from '../quota/window.ts'
import { openAlertCounts } from '../store/alerts/book.ts'
import { undelivered } from '../store/alerts/messages.ts'
import { mismatchCounts } from '../store/audit/results.ts'
import type { Db } from '../store/database.ts'
import { databaseNow } from '../store/overview/health.ts'
import {
  accountGauges,
  callsEnded,
  changesSeen,
  credentialStates,
  freshness,
} from '../store/overview/metrics.ts'
import { limitsOf } from '../sync/open-account.ts'

/** What was stamped before this long ago is committed, and will be counted once. */
const COMMIT_MS = 5_000

/** Fills metrics from the database, each time that they are asked for. */
export class Measures {
  readonly #db: Db
  readonly #config: Config
  readonly #metrics: Metrics
  /** Up to here calls and changes are counted, ms since the epoch; null before the first look. */
  #counted: number | null = null
  #looking: Promise<void> | null = null

  constructor(db: Db, config: Config, metrics: Metrics) {
    this.#db = db
    this.#config = config
    this.#metrics = metrics
  }

  /** Looks once, however many ask at the same time. A database that is away is a measure, not an error. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    try {
      await this.#read()
      this.#metrics.databaseUp(true)
    } catch {
      this.#metrics.databaseUp(false)
    }
  }

  async #read(): Promise<void> {
    const until = (await databaseNow(this.#db)) - COMMIT_MS
    const span = { after: this.#counted ?? until, until }
    const [tiers, accounts, credentials, mismatches, alerts, undeliveredAlerts, calls, changes] =
      await Promise.all([
        freshness(this.#db),
        accountGauges(this.#db),
        credentialStates(this.#db),
        mismatchCounts(this.#db),
        openAlertCounts(this.#db),
        undelivered(this.#db),
        callsEnded(this.#db, span),
        changesSeen(this.#db, span),
      ])
    const spending = accounts.map((account) => ({
      accountId: account.accountId,
      used: account.used,
      limit: effectiveLimit(limitsOf(this.#config, account), account.observedLimit),
      pause: account.pause,
    }))
    this.#metrics.state({
      ...{ tiers, accounts: spending, credentials, mismatches, alerts, undeliveredAlerts },
    })
    this.#metrics.news({ calls, changes })
    this.#counted = until
  }
}
