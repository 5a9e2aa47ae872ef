import type { JsonObject } from '../../src/domain/json.ts'

/** One way to bring a page of records into `haku_participants`. Each has an event of its own in the same table. */
export interface Contender {
  name: string
  /** Called before the first page of every walk over the event. */
  beginPass(): void
  /**
   * What needs no database: keys and fingerprints, or the mapping of every record.
   * @returns what writes the page, in one transaction under the lane's fence
   */
  prepare(records: readonly JsonObject[]): () => Promise<void>
}
