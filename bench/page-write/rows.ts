import { systemClock } from '../../src/domain/clock.ts'
import type { JsonObject } from '../../src/domain/json.ts'
import { CONTENT_COLUMNS, type WrittenRow } from '../../src/domain/row.ts'
import { readStamp, stampToIso } from '../../src/domain/stamp.ts'
import { haku } from '../../src/providers/haku/provider.ts'
import { readKey } from '../../src/providers/records.ts'
import { ENGINE_COLUMNS, hakuParticipants } from '../../src/store/participants/table.ts'
import { merge } from '../../src/sync/merge.ts'
import { RACE_DAY } from './race.ts'

/** What the rivals share: a page's records as rows, mapped and hashed by the product's own functions. */

interface Column {
  name: keyof WrittenRow
  type: string
}

/** The content columns that this provider's table has. */
export const contentColumns = CONTENT_COLUMNS.flatMap((name) => {
  const column = hakuParticipants.content[name]
  return column === null ? [] : [{ name, type: column.type }]
})

/** The columns that every contender fills, in one order. */
export const columns: readonly Column[] = [
  { name: 'participant_id', type: 'text' },
  ...contentColumns,
  ...Object.entries(ENGINE_COLUMNS).map(([name, type]) => ({ name: name as keyof WrittenRow, type })),
]

/** A column's value for the driver; jsonb travels as text. */
export function valueIn(row: WrittenRow, { name, type }: Column): unknown {
  const value = row[name]
  if (value === null) return null
  if (typeof value === 'bigint') return stampToIso(value)
  return type === 'jsonb' ? JSON.stringify(value) : value
}

/** Maps and hashes a page, in key order so that writers never wait for each other in a circle. */
export function toRows(records: readonly JsonObject[]): WrittenRow[] {
  const now = new Date(systemClock.now()).toISOString()
  const settings = {
    raceDay: RACE_DAY,
    bibAuthority: 'provider',
    map: haku.map,
    mappingVersion: haku.mappingVersion,
    now,
  } as const
  const rows = records.map((record) => {
    const key = readKey(record.registration_number)
    if (typeof key !== 'string') throw new Error('a record of the bench has no key')
    const { row } = merge(
      null,
      {
        key,
        raw: { list: record, detail: null },
        listFingerprint: null,
        detailOf: null,
        detailReadAt: now,
        listPass: 1,
        sourceUpdatedAt: readStamp(record.updated_at),
      },
      settings,
    )
    // As startlist fills them: an index looks at both, so a row that changes is written into every index.
    return { ...row, list_fingerprint: row.row_hash, detail_of: row.row_hash }
  })
  return rows.sort((a, b) => (a.participant_id < b.participant_id ? -1 : 1))
}

const names = columns.map(({ name }) => name)
const cast = ({ name, type }: Column) => (type === 'jsonb' ? `i.${name}::jsonb` : `i.${name}`)

/** `INSERT ... SELECT ... FROM <source> AS i ON CONFLICT DO UPDATE`; $1 event, $2 partner, $3 organization. */
export function upsertSql(source: string, guard: '' | 'guarded'): string {
  const updates = names.slice(1).map((name) => `${name} = excluded.${name}`)
  return `
    INSERT INTO haku_participants AS t
      (event_id, timing_partner_id, credentials_used, registration_date, fetched_date, ${names.join(', ')})
    SELECT $1, $2::int, $3, i.registered_at AT TIME ZONE 'UTC', i.fetched_at AT TIME ZONE 'UTC', ${columns.map(cast).join(', ')}
    FROM ${source}
    ON CONFLICT (event_id, participant_id, timing_partner_id) DO UPDATE SET
      registration_date = excluded.registration_date, fetched_date = excluded.fetched_date,
      credentials_used = excluded.credentials_used, ${updates.join(', ')}
    ${guard === 'guarded' ? 'WHERE t.row_hash IS DISTINCT FROM excluded.row_hash' : ''}`
}
