import type { StartListLine } from '../../domain/start-list.ts'
import type { Db, Trx } from '../database.ts'
import { openSnapshot, type Reading } from '../start-list/snapshot.ts'
import { type Freeze, type FreezesOf, findFreeze, frozenRows } from './read.ts'

/** A freeze that is read from one snapshot. */
export interface OpenFreeze {
  freeze: Freeze
  trx: Trx
  lines(): AsyncGenerator<Omit<StartListLine, 'formerCategories'>[]>
  close(): Promise<void>
}

/**
 * Opens a freeze, to be read piece by piece. Close it.
 * @throws StartlistError NO_SUCH_FREEZE
 */
export async function openFreeze(
  db: Db,
  freezeId: number,
  of: FreezesOf = {},
  reading: Reading = {},
): Promise<OpenFreeze> {
  const { trx, close } = await openSnapshot(db, reading)
  try {
    const freeze = await findFreeze(trx, freezeId, of)
    return { freeze, trx, lines: () => linesOf(trx, freezeId), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function* linesOf(trx: Trx, freezeId: number) {
  for await (const rows of frozenRows(trx, freezeId)) yield rows.map(({ line }) => line)
}
