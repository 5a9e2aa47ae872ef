import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { WrittenRow } from '../../src/domain/row.ts'
import type { Contender } from './contender.ts'
import type { Stage } from './race.ts'
import { rival } from './rivals.ts'
import { columns, contentColumns, upsertSql, valueIn } from './rows.ts'

/**
 * The fastest way in: COPY into a temporary table, then one statement that compares hashes, writes the rows that
 * differ and the same feed as startlist's, field by field. It takes no row lock before it compares, which startlist
 * needs against a bib that a person changes meanwhile.
 */
export async function copyMerge(client: pg.ClientBase, stage: Stage, eventId: string): Promise<Contender> {
  const defined = columns.map(({ name, type }) => `${name} ${type}`)
  await client.query(`CREATE TEMP TABLE page_rows (${defined.join(', ')}) ON COMMIT DELETE ROWS`)
  const copy = `COPY page_rows (${columns.map(({ name }) => name).join(', ')}) FROM STDIN`
  const text = mergeSql()
  return rival('COPY + merge, with feed', client, stage, async (rows) => {
    await pipeline(Readable.from([rows.map(copyLine).join('')]), client.query(copyFrom(copy)))
    await client.query({
      name: 'copy-merge',
      text,
      values: [eventId, stage.partnerId, 'Bench Races', 'haku'],
    })
  })
}

function copyLine(row: WrittenRow): string {
  return `${columns.map((column) => copyText(valueIn(row, column))).join('\t')}\n`
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function copyText(value: unknown): string {
  if (value === null) return '\\N'
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  return String(value).replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!)
}

/** The feed's JSON of a column: instants and amounts are texts, as the engine has them. */
function feedJson(table: string, { name, type }: (typeof contentColumns)[number]): string {
  const column = `${table}.${name}`
  switch (type) {
    case 'timestamptz':
      return `to_jsonb(to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`
    case 'numeric':
      return `to_jsonb(${column}::text)`
    default:
      return `to_jsonb(${column})`
  }
}

/** $1 event, $2 partner, $3 organization, $4 provider. */
function mergeSql(): string {
  const pairs = contentColumns.map(
    (column) => `('${column.name}', ${feedJson('p', column)}, ${feedJson('s', column)})`,
  )
  return `
    WITH different AS MATERIALIZED (
      SELECT s.*, p.registration_status AS old_status, p.id IS NULL AS is_new, f.fields
      FROM page_rows s
      LEFT JOIN haku_participants p
        ON p.event_id = $1 AND p.timing_partner_id = $2::int AND p.participant_id = s.participant_id
      CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(v.name, jsonb_build_array(v.old, v.new)), '{}') AS fields
        FROM (VALUES ${pairs.join(', ')}) AS v (name, old, new)
        WHERE v.old IS DISTINCT FROM v.new
      ) f
      WHERE p.row_hash IS DISTINCT FROM s.row_hash
    ), counted AS (
      SELECT count(*) AS n FROM different
    ), counter AS (
      UPDATE partner_sync SET feed_position = feed_position + n FROM counted
      WHERE provider = $4 AND timing_partner_id = $2::int AND event_id = $1 AND n > 0
      RETURNING feed_position - n AS last
    ), feed AS (
      INSERT INTO participant_changes (provider, timing_partner_id, event_id, position, participant_id, change, fields,
        source_updated_at, seen_at)
      SELECT $4, $2::int, $1, last + row_number() OVER (ORDER BY participant_id), participant_id,
        CASE WHEN is_new THEN 'added'
          WHEN old_status = registration_status THEN 'changed'
          WHEN registration_status = 'active' THEN 'restored'
          ELSE registration_status END,
        fields, source_updated_at, startlist.clock()
      FROM different, counter
    )
    ${upsertSql('(SELECT * FROM different ORDER BY participant_id) AS i', '')}`
}
