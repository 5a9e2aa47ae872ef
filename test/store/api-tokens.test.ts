import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/domain/clock.ts'
import { createToken, findToken, listTokens, revokeToken } from '../../src/store/api-tokens.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { seedPartner } from './isolation/partner-rows.ts'

const MINUTE = 60_000
const DAY = 86_400_000

let clock: VirtualClock
let database: TestDatabase
beforeAll(async () => {
  clock = new VirtualClock('2026-05-01T16:00:00Z')
  database = await testDatabase({ virtualClock: clock })
})

describe('an API token', () => {
  it('opens what it was made for, and only its hash is stored', async () => {
    const { db } = database
    const { partnerId } = await seedPartner(db, 'alder')
    const one = await createToken(db, { name: 'board', partnerId, expiresAt: null })
    const all = await createToken(db, { name: 'ops', partnerId: null, expiresAt: null })
    expect(one.token).toMatch(/^slt_[\w-]{43}$/)
    expect(await findToken(db, one.token)).toEqual({ tokenId: one.tokenId, name: 'board', partnerId })
    expect(await findToken(db, all.token)).toEqual({ tokenId: all.tokenId, name: 'ops', partnerId: null })
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM api_tokens t`.execute(db)
    expect(rows.map(({ row }) => row).join()).not.toContain(one.token.slice(4))
  })

  it('opens nothing once it is revoked, expired, or its partner is gone', async () => {
    const { db } = database
    const { partnerId } = await seedPartner(db, 'birch')
    const make = (expiresAt: number | null) => createToken(db, { name: 'x', partnerId, expiresAt })
    const [revoked, expiring, orphan] = [await make(null), await make(clock.now() + DAY), await make(null)]
    expect(await revokeToken(db, revoked.tokenId)).toBe(true)
    expect(await findToken(db, revoked.token)).toBeNull()
    clock.advance(DAY - 1)
    expect(await findToken(db, expiring.token)).not.toBeNull()
    clock.advance(1)
    expect(await findToken(db, expiring.token)).toBeNull()
    const states = (await listTokens(db)).filter((token) => token.name === 'x').map((token) => token.state)
    expect(states).toEqual(['revoked', 'expired', 'valid'])
    await sql`DELETE FROM timing_partners WHERE timing_partner_id = ${partnerId}`.execute(db)
    expect(await findToken(db, orphan.token)).toBeNull()
    expect(await revokeToken(db, 999_999)).toBe(false)
  })

  it.each([
    '',
    'slt_',
    `slt_${'A'.repeat(43)}`,
    `slt_${'A'.repeat(44)}`,
    `${'x'.repeat(1e6)}`,
    "' OR true --",
  ])('is not any other text (%#)', async (text) => {
    expect(await findToken(database.db, text)).toBeNull()
  })

  it('shows when it was last used, written at most once a minute', async () => {
    const { db } = database
    const { tokenId, token } = await createToken(db, { name: 'seen', partnerId: null, expiresAt: null })
    const lastUsed = async () => (await listTokens(db)).find((t) => t.tokenId === tokenId)?.lastUsedAt
    expect(await lastUsed()).toBeNull()
    await findToken(db, token)
    const first = clock.now()
    clock.advance(MINUTE - 1)
    await findToken(db, token)
    expect(await lastUsed()).toBe(first)
    clock.advance(2)
    await findToken(db, token)
    expect(await lastUsed()).toBe(clock.now())
  })
})
