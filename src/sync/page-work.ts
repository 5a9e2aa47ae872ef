import type { Trx } from '../store/database.ts'
import type { SyncState } from '../store/sync-state.ts'
import type { AccountContext, EventContext } from './context.ts'
import type { Pass } from './pass.ts'

/** What every part of a page's transaction works with. */
export interface PageWork {
  trx: Trx
  account: AccountContext
  event: EventContext
  state: SyncState<Pass>
  pass: Pass
  /** The page proved that the list is not sorted (W9); noted when it has committed. */
  unsorted: boolean
}
