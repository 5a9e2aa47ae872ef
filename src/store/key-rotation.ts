import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { StartlistError } from '../domain/errors.ts'
import type { Db } from './database.ts'
import { replaceStored, type StoredSecret, storedSecrets } from './sealed.ts'
import { isSealed, keyId, open, seal, sealedWith } from './secrets.ts'

/**
 * Changing the key while others work. The database keeps each of the two keys sealed with the other: whoever has one of
 * them opens what either sealed, so nobody has to be restarted at a given moment. That is ended when all processes have the
 * new key: from then on the old one opens nothing here.
 */
interface Rotation {
  oldId: string
  newId: string
  oldSealed: string
  newSealed: string
}

async function readRotation(db: Db): Promise<Rotation | null> {
  const { rows } = await sql<Rotation>`
    SELECT old_id AS "oldId", new_id AS "newId", old_sealed AS "oldSealed", new_sealed AS "newSealed"
    FROM startlist.key_rotation`.execute(db)
  return rows[0] ?? null
}

const contextOf = (id: string) => `key:${id}`

/**
 * Opens a sealed value with a key, or with the other one of a rotation under way.
 * @throws StartlistError KEY_WRONG when neither sealed it, DATABASE when it belongs elsewhere or is damaged
 */
export async function openStored(db: Db, key: string, context: string, value: string): Promise<string> {
  const sealer = sealedWith(value)
  if (sealer === null || sealer === keyId(key)) return open(key, context, value)
  const other = await otherKey(key, sealer, await readRotation(db))
  return open(other ?? key, context, value)
}

/** The key of this id, if the rotation leads to it from ours. */
async function otherKey(key: string, id: string, rotation: Rotation | null): Promise<string | null> {
  if (rotation === null) return null
  const { oldId, newId, oldSealed, newSealed } = rotation
  const mine = keyId(key)
  if (mine === oldId && id === newId) return open(key, contextOf(newId), newSealed)
  if (mine === newId && id === oldId) return open(key, contextOf(oldId), oldSealed)
  return null
}

/** Where a rotation stands for somebody with this key: `old` and `new` while one is under way. */
export async function rotationStage(db: Db, key: string): Promise<'none' | 'old' | 'new'> {
  const rotation = await readRotation(db)
  if (rotation === null) return 'none'
  if (rotation.newId === keyId(key)) return 'new'
  if (rotation.oldId === keyId(key)) return 'old'
  throw new StartlistError('KEY_WRONG', 'STARTLIST_KEY is neither the old nor the new key of the rotation.')
}

/**
 * Begins a rotation, or finds the one that was begun: then its new key is told again. Nothing is changed when the key
 * does not open everything.
 *
 * @returns the new key: base64 of 32 bytes
 * @throws StartlistError KEY_WRONG, DATABASE
 */
export async function beginRotation(db: Db, key: string): Promise<string> {
  for (const { kind, context, value } of await storedSecrets(db))
    if (kind !== 'token' && isSealed(value)) await openStored(db, key, context, value)
  const [fresh, oldId] = [randomBytes(32).toString('base64'), keyId(key)]
  const newId = keyId(fresh)
  // Of two that begin at once one comes first, and both go on with its key.
  await sql`
    INSERT INTO startlist.key_rotation (old_id, new_id, old_sealed, new_sealed)
    VALUES (${oldId}, ${newId}, ${await seal(fresh, contextOf(oldId), key)}, ${await seal(key, contextOf(newId), fresh)})
    ON CONFLICT DO NOTHING`.execute(db)
  const rotation = await readRotation(db)
  const next = rotation && (await otherKey(key, rotation.newId, rotation))
  if (!next) throw new StartlistError('KEY_WRONG', 'another rotation of the key is under way.')
  return next
}

/** Each pass meets only what others sealed meanwhile. */
const MOST_PASSES = 10

/**
 * Seals with the new key what the old one had sealed; plain texts stay as they are.
 * @param key old or new
 * @returns how many values
 */
export async function resealAll(db: Db, key: string, next: string): Promise<number> {
  let sealed = 0
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const left = (await storedSecrets(db)).filter(
      ({ value }) => isSealed(value) && sealedWith(value) !== keyId(next),
    )
    if (left.length === 0) return sealed
    for (const secret of left) if (await reseal(db, key, next, secret)) sealed++
  }
  throw new StartlistError('DATABASE', 'Others went on sealing with the old key.', {
    hint: 'Restart them with the new key, then run the command again.',
  })
}

/** @returns whether the value is sealed with the new key now */
async function reseal(db: Db, key: string, next: string, secret: StoredSecret): Promise<boolean> {
  const { kind, context, value } = secret
  try {
    return await replaceStored(
      db,
      secret,
      await seal(next, context, await openStored(db, key, context, value)),
    )
  } catch (error) {
    // Of a key before ours. The account obtains another with its next call.
    if (kind !== 'token' || !(error instanceof StartlistError) || error.code !== 'KEY_WRONG') throw error
    await replaceStored(db, secret, null)
    return false
  }
}

/** Ends the rotation: the old key opens nothing any more. @param key the new one, and everything is sealed with it */
export async function endRotation(db: Db, key: string): Promise<void> {
  await sql`DELETE FROM startlist.key_rotation WHERE new_id = ${keyId(key)}`.execute(db)
}
