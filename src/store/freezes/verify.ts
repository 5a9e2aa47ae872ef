import { createHash } from 'node:crypto'
import {
  BETWEEN_ROWS,
  DOCUMENT_END,
  documentHead,
  documentRow,
  manifestText,
  rowHash,
} from '../../domain/frozen.ts'
import type { Db, Trx } from '../database.ts'
import type { ErasedBy } from './erase.ts'
import { type Freeze, frozenRows } from './read.ts'
import { verifiedText } from './signing-keys.ts'

/** What is still proven of a freeze. */
export interface Verdict {
  /** Nothing is against it: all that is there is as it was signed. */
  genuine: boolean
  /** What is against it, a sentence each; empty when it is genuine. */
  faults: string[]
  /** Rows that are as they were signed. */
  intact: number
  /** Rows that lost something to privacy since, by the reason. */
  erased: Record<ErasedBy, number>
}

/**
 * Checks a freeze against its signature: every row that nothing was erased from, and that none is missing, added or moved.
 * @param keys who may read the public keys: no tenant may
 */
export async function verifyFreeze(db: Db | Trx, freeze: Freeze, keys: Db | Trx = db): Promise<Verdict> {
  const faults: string[] = []
  if ((await verifiedText(keys, freeze.signature)) !== manifestText(freeze))
    faults.push('The signature is not of this list, or of no key of this database.')
  const document = createHash('sha256').update(documentHead(freeze.state))
  const hashes = createHash('sha256')
  const erased = { forget: 0, retention: 0, kept: 0 }
  let intact = 0
  let place = 0
  for await (const rows of frozenRows(db, freeze.freezeId)) {
    for (const row of rows) {
      if (row.place !== place) faults.push(`Row ${place} is not where it was.`)
      place = row.place + 1
      hashes.update(row.hash)
      document.update(`${row.place === 0 ? '' : BETWEEN_ROWS}${documentRow(row)}`)
      if (row.erased !== null) erased[row.erased]++
      else if (row.salt !== null && rowHash(row.line, row.salt).equals(row.hash)) intact++
      else faults.push(`Row ${row.place} is not as it was.`)
    }
  }
  document.update(DOCUMENT_END)
  const isWhole = intact === freeze.rows
  if (place !== freeze.rows || !hashes.digest().equals(freeze.rowsSha256))
    faults.push(`The rows are not the ${freeze.rows} that were signed.`)
  else if (isWhole && !document.digest().equals(freeze.sha256))
    faults.push('The document is not the one that was signed.')
  return { genuine: faults.length === 0, faults, intact, erased }
}
