import { Rng } from '../../../src/simulator/index.ts'
import type { Db } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { migrateDown } from '../../../src/store/migrate-down.ts'
import { startMigrate } from './kill.ts'
import { dump, expectRowsKept, expectShape, makeLegacy } from './model.ts'
import { wholeOf } from './there-and-back.ts'
import { variantOf } from './variant.ts'

const MOST_KILLS = 300

/**
 * Adopts a legacy database of random shape by processes that are killed again and again, before a unit or amid one,
 * until one comes to the end; then takes the adoption back.
 * @param fresh the lines of an empty database's shape
 * @throws when a row or a part of the schema is lost
 */
export async function sufferKills(
  seed: number,
  { db, url }: { db: Db; url: string },
  fresh: Db,
): Promise<{ kills: number }> {
  const rng = new Rng(seed)
  await makeLegacy(db, variantOf(seed))
  const before = await dump(db)
  const whole = JSON.stringify(await wholeOf(db))
  for (let kills = 0; kills < MOST_KILLS; kills++) {
    // The third unit, because the first of a step may be one that is done at every start.
    const die = rng.chance(0.5) ? { at: 3, afterMs: null } : { at: 2, afterMs: rng.int(40) }
    const { killed } = await startMigrate(url, die).end
    expectRowsKept(before, await dump(db))
    if (killed) continue
    if ((await migrate(db)).applied.length > 0) throw new Error('a second migrate found work')
    await expectShape(db, fresh)
    await migrateDown(db, { key: Buffer.alloc(32, 5).toString('base64'), accept: new Set() })
    if (JSON.stringify(await wholeOf(db)) !== whole) throw new Error('the way back led elsewhere')
    return { kills }
  }
  throw new Error(`not at the end after ${MOST_KILLS} kills`)
}
