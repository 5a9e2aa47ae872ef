import { canonicalJson } from '../../../src/domain/fingerprint.ts'
import type { Json } from '../../../src/domain/json.ts'
import { CONTENT_COLUMNS, type StoredRow } from '../../../src/domain/row.ts'
import type { Db } from '../../../src/store/database.ts'
import { readBatch } from '../../../src/store/participants/read.ts'
import { hakuParticipants } from '../../../src/store/participants/table.ts'
import type { History } from './history.ts'

/** One timing partner's feed of one event, followed from its first entry on. */
export class FeedReader {
  readonly #at: { partnerId: number; eventId: string }
  #position = 0
  readonly #rows = new Map<string, Record<string, Json>>()

  constructor(at: { partnerId: number; eventId: string }) {
    this.#at = at
  }

  get position(): number {
    return this.#position
  }

  /** Reads on; returns what is wrong with the new entries. */
  async follow(db: Db, history: History): Promise<string[]> {
    const { partnerId, eventId } = this.#at
    const entries = await db
      .selectFrom('participant_changes')
      .select(['position', 'participant_id', 'change', 'fields'])
      .where('timing_partner_id', '=', partnerId)
      .where('event_id', '=', eventId)
      .where('position', '>', this.#position as never)
      .orderBy('position')
      .execute()
    const wrong: string[] = []
    for (const entry of entries) {
      const position = Number(entry.position)
      const key = entry.participant_id
      const say = (what: string) => wrong.push(`feed of ${eventId}, entry ${position}, ${key}: ${what}`)
      if (position !== this.#position + 1) say(`follows ${this.#position}`)
      this.#position = position
      const row = this.#rows.get(key) ?? null
      if ((row === null) !== (entry.change === 'added'))
        say(`${entry.change} of a row that ${row ? 'is' : 'is not'} there`)
      const next = row ?? {}
      for (const [field, [old, now]] of Object.entries(entry.fields as Record<string, [Json, Json]>)) {
        if (canonicalJson(next[field] ?? null) !== canonicalJson(old)) say(`${field} was not that before`)
        next[field] = now
        if (field === 'provider_bib' && old !== null && !history.hadBib(eventId, key, now as string | null))
          say('a bib that it never had')
        if (field === 'registration_status') {
          if (now === 'removed') {
            if (!history.mayBeRemoved(eventId, key)) say('removed while it was listed')
          } else if (!history.hadStatus(eventId, key, String(now))) say(`never was ${now}`)
        }
      }
      this.#rows.set(key, next)
    }
    return wrong
  }

  /** Does the feed, played from the beginning, give the present content of the table? */
  async compare(db: Db): Promise<string[]> {
    const { partnerId, eventId } = this.#at
    const stored = await db
      .transaction()
      .execute((trx) => readBatch(trx, hakuParticipants, this.#at, '', 1_000_000))
    const wrong: string[] = []
    if (stored.length !== this.#rows.size)
      wrong.push(
        `partner ${partnerId}, event ${eventId}: ${stored.length} rows, ${this.#rows.size} in the feed`,
      )
    for (const row of stored) {
      const replayed = this.#rows.get(row.participant_id) ?? {}
      for (const name of differing(row, replayed))
        wrong.push(`event ${eventId}, ${row.participant_id}: the feed gives another ${name}`)
    }
    return wrong
  }
}

function differing(row: StoredRow, replayed: Record<string, Json>): string[] {
  return CONTENT_COLUMNS.filter(
    (name) => canonicalJson((row[name] ?? null) as Json) !== canonicalJson(replayed[name] ?? null),
  )
}
