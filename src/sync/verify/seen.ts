import type { JsonObject } from '../../domain/json.ts'
import type { Connection } from '../../providers/provider.ts'

/** What a provider said of one event's registrations, last. Personal data: it stays in memory. */
export interface Seen {
  /** by registration number */
  list: Map<string, JsonObject>
  detail: Map<string, JsonObject>
  /** records without a number */
  keyless: number
  /** Pages whose rows are in `list`. */
  pages: number
}

/** A connection that remembers what it was told of one list. */
export function remembering(connection: Connection, listId: string): { connection: Connection; seen: Seen } {
  const seen: Seen = { list: new Map(), detail: new Map(), keyless: 0, pages: 0 }
  const watched: Pick<Connection, 'listParticipants' | 'readDetail'> = {
    async listParticipants(id, request) {
      const page = await connection.listParticipants(id, request)
      if (id !== listId) return page
      for (const { key, record } of page.rows) seen.list.set(key, record)
      seen.keyless += page.keyless.length
      seen.pages++
      return page
    },
    async readDetail(id, key, ...rest) {
      const answer = await connection.readDetail(id, key, ...rest)
      if (id === listId && answer.found) seen.detail.set(key, answer.record)
      return answer
    },
  }
  // Inherits the rest, getters included, from the connection itself.
  return { connection: Object.assign(Object.create(connection) as Connection, watched), seen }
}
