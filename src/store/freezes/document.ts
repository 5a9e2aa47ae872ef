import { BETWEEN_ROWS, DOCUMENT_END, documentHead, documentRow } from '../../domain/frozen.ts'
import type { Db, Trx } from '../database.ts'
import { type Freeze, frozenRows } from './read.ts'

/** The document that was signed, piece by piece; without what was erased from it since. */
export async function* frozenDocument(db: Db | Trx, { freezeId, state }: Freeze): AsyncGenerator<string> {
  yield documentHead(state)
  for await (const rows of frozenRows(db, freezeId))
    yield rows.map((row) => `${row.place === 0 ? '' : BETWEEN_ROWS}${documentRow(row)}`).join('')
  yield DOCUMENT_END
}
