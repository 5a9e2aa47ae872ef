import { csvLines } from '../../cli/csv.ts'
import type { Trx } from '../../store/database.ts'
import { openSnapshot } from '../../store/start-list/snapshot.ts'
import type { ApiContext } from './context.ts'
import { inPlace, PATIENCE_MS, sendFile } from './files.ts'

type Rows = readonly (readonly unknown[])[]

/**
 * Sends what is read from one snapshot as a CSV file, as whoever asks, in one of the places for files. Gives the snapshot
 * back, however the answer ends.
 * @param read gives the rows, batch by batch; what it throws before it does is told as a problem
 * @throws StartlistError EXPORTS_BUSY when all places are taken
 */
export async function sendCsv(
  c: ApiContext,
  { name, heads }: { name: string; heads: readonly string[] },
  read: (trx: Trx) => Promise<AsyncIterable<Rows>>,
): Promise<Response> {
  const { call, services } = c.var
  const tenant = call.caller.partnerId ?? undefined
  // All of a list may be sorted before its first row is there.
  const reading = { tenant, patienceMs: PATIENCE_MS, statementMs: PATIENCE_MS }
  const source = await inPlace(services, () => openSnapshot(services.db, reading))
  try {
    const pieces = piecesOf(heads, await read(source.trx))
    return await sendFile(c, pieces, source, { mediaType: 'text/csv; charset=utf-8', name })
  } catch (error) {
    await source.close()
    throw error
  }
}

async function* piecesOf(heads: readonly string[], batches: AsyncIterable<Rows>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(csvLines([heads]))
  for await (const batch of batches) if (batch.length > 0) yield Buffer.from(csvLines(batch))
}
