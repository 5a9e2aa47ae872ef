import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import {
  BETWEEN_ROWS,
  DOCUMENT_END,
  documentHead,
  documentRow,
  type FrozenLine,
  type FrozenRow,
  type Manifest,
  manifestText,
  rowHash,
} from '../../domain/frozen.ts'
import type { Json } from '../../domain/json.ts'
import type { AskedLine } from '../../domain/start-list.ts'
import type { Db, Trx } from '../database.ts'
import { LINE_FIELDS, readLines } from '../start-list/lines.ts'
import { readState, type StartListOf } from '../start-list/snapshot.ts'
import { whileNobodyIsErased } from './lock.ts'
import { signText } from './signing-keys.ts'

const FROZEN_FIELDS = LINE_FIELDS.filter((field) => field !== 'formerCategories')

/** Who freezes, and with what. */
export interface Freezing {
  by: string
  /** What opens sealed secrets. */
  key: string
}

/**
 * Freezes a start list: its rows as they stand now, with a signature over all of them. Kept whatever happens to the rows
 * themselves, until somebody in it is forgotten.
 * @returns its id
 * @throws StartlistError NO_SUCH_EVENT, BAD_INPUT, KEY_WRONG
 */
export function freezeStartList(db: Db, of: StartListOf, { by, key }: Freezing): Promise<number> {
  return whileNobodyIsErased(db, (one) =>
    one
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (trx) => {
        const state = await readState(trx, of)
        const { provider, partnerId, listId, eventId } = state.event
        const made = await sql<{ id: number }>`
          INSERT INTO freezes (provider, timing_partner_id, list_id, event_id, frozen_at, frozen_by, state, rows, sha256,
            rows_sha256, signature)
          VALUES (${provider}, ${partnerId}, ${listId}, ${eventId}, ${state.at}::timestamptz, ${by},
            ${JSON.stringify(state)}::jsonb, 0, '', '', '')
          RETURNING freeze_id::float8 AS id`.execute(trx)
        const { id } = made.rows[0]!
        const manifest: Manifest = { state, ...(await writeRows(trx, id, state)) }
        const signature = await signText(trx, key, manifestText(manifest))
        await sql`UPDATE freezes SET rows = ${manifest.rows}, sha256 = ${manifest.sha256},
            rows_sha256 = ${manifest.rowsSha256}, signature = ${signature} WHERE freeze_id = ${id}`.execute(
          trx,
        )
        return id
      }),
  )
}

async function writeRows(
  trx: Trx,
  freezeId: number,
  state: Manifest['state'],
): Promise<Omit<Manifest, 'state'>> {
  const document = createHash('sha256').update(documentHead(state))
  const hashes = createHash('sha256')
  let place = 0
  for await (const lines of readLines(trx, state.event, { fields: FROZEN_FIELDS, which: 'listed' })) {
    const rows = lines.map(freeze)
    for (const [i, row] of rows.entries()) {
      document.update(`${place + i === 0 ? '' : BETWEEN_ROWS}${documentRow(row)}`)
      hashes.update(row.hash)
    }
    await insertRows(trx, freezeId, state, place, rows)
    place += rows.length
  }
  document.update(DOCUMENT_END)
  return { rows: place, sha256: document.digest(), rowsSha256: hashes.digest() }
}

/** As text and back, so that what is hashed is what will be read from the database. */
function freeze(asked: AskedLine): FrozenRow {
  const line = JSON.parse(JSON.stringify(asked)) as FrozenLine
  const salt = randomBytes(16).toString('base64url')
  return { line, salt, hash: rowHash(line, salt) }
}

async function insertRows(
  trx: Trx,
  freezeId: number,
  { event }: Manifest['state'],
  before: number,
  rows: readonly FrozenRow[],
): Promise<void> {
  await sql`
    INSERT INTO freeze_rows (freeze_id, place, provider, timing_partner_id, list_id, registration, line, salt, row_sha256)
    SELECT ${freezeId}, ${before} + i.n - 1, ${event.provider}, ${event.partnerId}, ${event.listId}, i.registration,
      i.line::jsonb, i.salt, i.hash
    FROM unnest(${rows.map(({ line }) => line.registration)}::text[],
      ${rows.map(({ line }) => JSON.stringify(line as unknown as Json))}::text[],
      ${rows.map(({ salt }) => salt)}::text[], ${rows.map((row) => row.hash)}::bytea[])
      WITH ORDINALITY AS i (registration, line, salt, hash, n)`.execute(trx)
}
