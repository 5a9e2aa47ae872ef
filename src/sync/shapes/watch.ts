import type { JsonObject } from '../../domain/json.ts'
import type { AccountConnection } from '../../providers/connect.ts'
import type { Db } from '../../store/database.ts'
import { readShapes, type ShapeSource, saveShape } from '../../store/shapes.ts'
import { type Drift, type KnownShape, observe, UNKNOWN } from './drift.ts'
import { shapeOf } from './shape.ts'

/** Records of a page that are looked at: the others are alike. */
const OF_A_PAGE = 5

/**
 * A connection whose answers are watched for a change of structure. It looks at the first records of each page, reads what
 * is known once, and writes only what is new.
 */
export function watchingShapes(connection: AccountConnection, db: Db, accountId: number): AccountConnection {
  let known: Promise<Map<ShapeSource, KnownShape>> | null = null

  async function look(source: ShapeSource, records: readonly JsonObject[]): Promise<void> {
    if (records.length === 0) return
    known ??= readShapes<KnownShape>(db, accountId)
    const shapes = await known
    const before = shapes.get(source) ?? UNKNOWN
    const drifts: Drift[] = []
    let after = before
    for (const record of records.slice(0, OF_A_PAGE)) {
      const seen = observe(after, shapeOf(record))
      after = seen.known
      drifts.push(...seen.news)
    }
    if (after === before) return
    shapes.set(source, after)
    await saveShape(db, { accountId, source }, after, drifts)
  }

  const watched: Pick<AccountConnection, 'listEvents' | 'listParticipants' | 'readDetail'> = {
    async listEvents(request) {
      const page = await connection.listEvents(request)
      const records = page.events.map(({ raw }) => raw)
      await look('events', records)
      return page
    },
    async listParticipants(listId, request) {
      const page = await connection.listParticipants(listId, request)
      const records = page.rows.map(({ record }) => record)
      await look('list', records)
      return page
    },
    async readDetail(...request) {
      const answer = await connection.readDetail(...request)
      if (answer.found) await look('detail', [answer.record])
      return answer
    },
  }
  // Inherits the rest, getters included, from the connection itself.
  return Object.assign(Object.create(connection) as AccountConnection, watched)
}
