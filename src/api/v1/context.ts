import type { Context } from 'hono'
import type { Config } from '../../config.ts'
import type { Clock } from '../../domain/clock.ts'
import type { FeedHub } from '../../feed/hub.ts'
import type { Db, Trx } from '../../store/database.ts'
import { readAs } from '../../store/isolation/tenant.ts'
import { type EventKey, type FoundEvent, requireEvent } from './event-key.ts'

/** What the API works with. */
export interface ApiServices {
  /** As the owner, with connections of its own: a flood of requests takes none from the turns. */
  db: Db
  clock: Clock
  config: Config
  /** Opens sealed secrets: base64 of 32 bytes. */
  key: string
  /** Where what changes comes from, for all who listen. */
  hub: FeedHub
}

/** Who asks: an administrator without `partnerId`, else a timing partner that sees its own alone. */
export interface Caller {
  partnerId: number | null
  /** Of the token, for the log of who decided what. */
  name: string
  /** Whose requests are counted together. */
  bucket: string
  /** A browser's cookie, and not a token that a program sent. */
  byCookie: boolean
}

/** One request of somebody who is known: `c.var.call` in every route below /v1 that asks for a sign-in. */
export class Call {
  readonly caller: Caller
  readonly services: ApiServices

  constructor(caller: Caller, services: ApiServices) {
    this.caller = caller
    this.services = services
  }

  /** Null for an administrator: what overviews take as "of whom". */
  get only(): { partnerId?: number } {
    return this.caller.partnerId === null ? {} : { partnerId: this.caller.partnerId }
  }

  /** For a person's changes, after the row that they are about was found by {@link read}: the owner's database. */
  get owner(): Db {
    return this.services.db
  }

  /** A short, read-only transaction, in which a timing partner's rows alone are there. */
  read<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    return readAs(this.services.db, this.caller.partnerId, work)
  }

  /** @throws StartlistError NO_SUCH_EVENT for one that is not there, or another's */
  findEvent(key: EventKey): Promise<FoundEvent> {
    return this.read((trx) => requireEvent(trx, key))
  }

  /**
   * Like {@link read}, of an event.
   * @throws StartlistError NO_SUCH_EVENT for one that is not there, or another's
   */
  readEvent<T>(key: EventKey, work: (trx: Trx, event: FoundEvent) => Promise<T>): Promise<T> {
    return this.read(async (trx) => work(trx, await requireEvent(trx, key)))
  }
}

export interface ApiEnv {
  Variables: { call: Call; services: ApiServices }
}

export type ApiContext = Context<ApiEnv>
