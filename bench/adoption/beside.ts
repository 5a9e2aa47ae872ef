import { sql } from 'kysely'
import { type Db, openDatabase } from '../../src/store/database.ts'
import { EVENTS } from './fill.ts'

/** Who works beside: on the legacy tables, and in startlist, which reads and writes copies of them while it is shadowed. */
type Who = 'reader' | 'script' | 'startlist' | 'page'

/** One statement of somebody who works beside what is measured. */
interface Answer {
  who: Who
  /** When it was asked, and how long it took, ms. */
  at: number
  ms: number
  failed: string | null
}

const WORK: Readonly<Record<Who, (db: Db, n: number) => Promise<unknown>>> = {
  reader: read,
  script: insert,
  startlist: read,
  page: writePage,
}

/** A reader, the original's own INSERT and others, each on a session of its own, one statement after the other. */
export class Beside {
  readonly answers: Answer[] = []
  readonly #databases: Db[] = []
  readonly #loops: Promise<void>[]
  #ended = false

  constructor(url: string, who: readonly Who[] = ['reader', 'script']) {
    this.#loops = who.map((one) => {
      const db = openDatabase(url, { max: 1, applicationName: one, lockTimeoutMs: 0, statementTimeoutMs: 0 })
      this.#databases.push(db)
      return this.#loop(one, db)
    })
  }

  /** How many rows the script has inserted. */
  get inserted(): number {
    return this.answers.filter(({ who, failed }) => who === 'script' && failed === null).length
  }

  async stop(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#loops)
    for (const db of this.#databases) await db.destroy()
  }

  async #loop(who: Who, db: Db): Promise<void> {
    if (who === 'reader' || who === 'script') await sql`SET search_path = public`.execute(db)
    for (let n = 0; !this.#ended; n++) {
      const at = performance.now()
      const failed = await WORK[who](db, n).then(
        () => null,
        (error: unknown) => String((error as { code?: string }).code ?? error),
      )
      this.answers.push({ who, at, ms: performance.now() - at, failed })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

const eventOf = (n: number) => `ev-${1 + ((n * 37) % EVENTS)}`

/** A start list of one event, in turn from the table and from the view. */
function read(db: Db, n: number) {
  return n % 2 === 0
    ? sql`SELECT first_name, last_name, bib_number FROM haku_participants WHERE event_id = ${eventOf(n)}`.execute(
        db,
      )
    : sql`SELECT event_name, event_date FROM unified_events WHERE source_provider = 'haku' AND event_id = ${eventOf(n)}`.execute(
        db,
      )
}

/** The statement of the original's scheduler, its sixteen columns. */
function insert(db: Db, n: number) {
  const event = (n * 37) % EVENTS
  return sql`INSERT INTO haku_participants (event_id, participant_id, bib_number, first_name, last_name, email, phone,
      date_of_birth, gender, nationality, team_affiliation, category, registration_date, payment_status, credentials_used,
      timing_partner_id)
    VALUES (${`ev-${1 + event}`}, ${`S-${n}`}, ${String(n)}, 'Sam', 'Script', 'sam@example.org', '555-0100', '1990-01-01', 'M',
      'US', NULL, '5K', '2025-06-01', 'paid', 'client', ${1 + ((1 + event) % 10)})`.execute(db)
}

/** What a page of a list does before it writes: it keeps the lane (D1). */
function writePage(db: Db) {
  return sql`SELECT FROM lanes FOR SHARE`.execute(db)
}
