import type { Blindness } from '../domain/blindness.ts'
import type { JsonObject } from '../domain/json.ts'
import { noteRereads } from '../store/blindness.ts'
import type { LaneContext } from './context.ts'

/** What a detail did to the row that it is of. */
export interface StoredDetail {
  /** The detail of this very list row had been read before. */
  again: boolean
  changed: boolean
}

/**
 * Did it change after the last finished pass began? Then the list may tell of it still.
 * @param lastBegan instant, ms, at which that pass began by the provider's clock; null for none
 */
export function isAfterPass(
  { provider }: Pick<LaneContext, 'provider'>,
  record: JsonObject,
  lastBegan: number | null,
): boolean {
  const stamp = provider.stampOf(record)
  return stamp !== null && lastBegan !== null && stamp > BigInt(Math.floor(lastBegan)) * 1000n
}

/** Counts what a round finds changed behind unchanged list rows (F4). */
export class Rereads {
  readonly #account: LaneContext
  readonly #lastBegan: number | null
  readonly #seen: Blindness = { read: 0, blind: 0 }

  constructor(account: LaneContext, lastBegan: number | null) {
    this.#account = account
    this.#lastBegan = lastBegan
  }

  /** Takes in a detail that was stored. */
  add({ again, changed }: StoredDetail, record: JsonObject): void {
    if (!again || (changed && isAfterPass(this.#account, record, this.#lastBegan))) return
    this.#seen.read++
    if (changed) this.#seen.blind++
  }

  /** Adds it to what is known of the account. A count is no reason to fail: nothing is thrown. */
  async keep(): Promise<void> {
    const { db, account } = this.#account
    await noteRereads(db, account.accountId, this.#seen).catch(() => {})
  }
}
