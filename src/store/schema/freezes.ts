import type { GeneratedAlways } from 'kysely'
import type { JsonObject } from '../../domain/json.ts'
import type { Instant, InstantDefault, JsonbDefault } from './columns.ts'

/** Start lists that were frozen, and the keys that they are signed with. */

export interface SigningKeysTable {
  signing_key_id: GeneratedAlways<number>
  kid: string
  public_key: JsonbDefault<JsonObject>
  private_key: string
  made_at: InstantDefault
}

export interface FreezesTable {
  freeze_id: GeneratedAlways<number>
  provider: string
  timing_partner_id: number
  list_id: string
  event_id: string
  frozen_at: Instant
  frozen_by: string
  state: JsonbDefault<JsonObject>
  rows: number
  sha256: Buffer
  rows_sha256: Buffer
  signature: string
}

export interface FreezeRowsTable {
  freeze_id: number
  place: number
  provider: string
  timing_partner_id: number
  list_id: string
  registration: string
  line: JsonbDefault<JsonObject>
  salt: string | null
  row_sha256: Buffer
  erased: 'forget' | 'retention' | 'kept' | null
}
