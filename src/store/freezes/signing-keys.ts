import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { openStored } from '../key-rotation.ts'
import { seal } from '../secrets.ts'

/** Keys that freezes are signed with: Ed25519, the private half sealed like every secret. */

const ALGORITHM = 'Ed25519'
const TYPE = 'startlist-freeze'

interface SigningKey {
  kid: string
  publicKey: JWK
  sealed: string
  context: string
}

/**
 * Signs a text as a compact JWS that names its key, and has the public half with it for whoever wants to check it elsewhere.
 * @param key what opens sealed secrets
 * @throws StartlistError KEY_WRONG
 */
export async function signText(trx: Trx, key: string, text: string): Promise<string> {
  const { kid, publicKey, sealed, context } = (await newestKey(trx)) ?? (await makeKey(trx, key))
  const privateKey = await importJWK(
    JSON.parse(await openStored(trx, key, context, sealed)) as JWK,
    ALGORITHM,
  )
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid, jwk: publicKey })
    .sign(privateKey)
}

/**
 * The text of a signature that one of this database's keys made.
 * @returns null when none did, whatever the signature says of itself
 */
export async function verifiedText(db: Db | Trx, jws: string): Promise<string | null> {
  try {
    const { kid } = decodeProtectedHeader(jws)
    const { rows } = await sql<{ key: JWK }>`SELECT public_key AS key FROM signing_keys
      WHERE kid = ${String(kid)}`.execute(db)
    if (rows[0] === undefined) return null
    const publicKey = await importJWK(rows[0].key, ALGORITHM)
    const { payload } = await compactVerify(jws, publicKey, { algorithms: [ALGORITHM] })
    return Buffer.from(payload).toString('utf8')
  } catch {
    return null
  }
}

async function newestKey(trx: Trx): Promise<SigningKey | null> {
  const { rows } = await sql<SigningKey>`
    SELECT kid, public_key AS "publicKey", private_key AS sealed, 'signing:' || signing_key_id AS context
    FROM signing_keys ORDER BY signing_key_id DESC LIMIT 1`.execute(trx)
  return rows[0] ?? null
}

/** Two who find none at once make one each: both are known from then on, and the later one signs. */
async function makeKey(trx: Trx, key: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  // Sealed for its row, whose number comes with it.
  const { rows } = await sql<{ context: string }>`
    INSERT INTO signing_keys (kid, public_key, private_key) VALUES (${kid}, ${JSON.stringify(jwk)}::jsonb, '')
    RETURNING 'signing:' || signing_key_id AS context`.execute(trx)
  const { context } = rows[0]!
  const sealed = await seal(key, context, JSON.stringify(await exportJWK(privateKey)))
  await sql`UPDATE signing_keys SET private_key = ${sealed} WHERE kid = ${kid}`.execute(trx)
  return { kid, publicKey: jwk, sealed, context }
}
