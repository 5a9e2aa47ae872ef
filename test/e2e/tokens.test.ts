import { afterAll, beforeAll, expect, it } from 'vitest'
import { findToken } from '../../src/store/api-tokens.ts'
import { Program } from '../cli/run-startlist.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { seedPartner } from '../store/isolation/partner-rows.ts'

let database: TestDatabase
let startlist: Program
let partnerId: number

beforeAll(async () => {
  database = await testDatabase()
  partnerId = (await seedPartner(database.db, 'alder')).partnerId
  startlist = new Program({
    DATABASE_URL: database.url,
    STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
  })
})
afterAll(() => startlist?.dispose())

it('a token is printed once, works, is listed without itself, and works no more when it is revoked', async () => {
  const partner = String(partnerId)
  const made = await startlist.run(['tokens', 'create', '--partner', partner, '--name', 'board'])
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^slt_[\w-]{43}\n$/) })
  const token = made.stdout.trim()
  expect(made.stderr).toMatch(/not shown again/)
  const scope = await findToken(database.db, token)
  expect(scope).toMatchObject({ name: 'board', partnerId })
  const [shown, listed] = await Promise.all([
    startlist.run(['tokens', 'list']),
    startlist.json(['tokens', 'list']),
  ])
  expect(shown.stdout).toMatch(/board +alder +valid +never +\d+s/)
  expect(shown.stdout + listed.stdout).not.toContain('slt_')
  const id = String(scope?.tokenId)
  expect(await startlist.json(['tokens', 'revoke', id])).toMatchObject({
    code: 0,
    lines: [{ revoked: true }],
  })
  expect(await findToken(database.db, token)).toBeNull()
})

it('a token ends when its time is over, and an administrator has no timing partner', async () => {
  const before = Date.now()
  const made = await startlist.json(['tokens', 'create', '--admin', '--name', 'ops', '--expires', '90d'])
  const { token, expiresAt, partnerId: partner } = made.lines[0] as Record<string, string>
  expect(partner).toBeNull()
  expect(Date.parse(expiresAt!) - before).toBeGreaterThanOrEqual(90 * 86_400_000)
  expect(await findToken(database.db, token!)).toMatchObject({ partnerId: null })
})

it.each([
  ['neither a partner nor all', ['create', '--name', 'x'], 'USAGE'],
  ['both', ['create', '--name', 'x', '--admin', '--partner', '1'], 'USAGE'],
  ['a partner who is not there', ['create', '--name', 'x', '--partner', '999'], 'NO_SUCH_PARTNER'],
  ['no name', ['create', '--name', ' ', '--admin'], 'BAD_INPUT'],
  [
    'an end that is no number of days',
    ['create', '--name', 'x', '--admin', '--expires', 'soon'],
    'BAD_INPUT',
  ],
  ['a token that is not there', ['revoke', '999'], 'NO_SUCH_TOKEN'],
])('%s is refused', async (_, args, code) => {
  expect(await startlist.json(['tokens', ...args])).toMatchObject({ code: 2, lines: [{ error: { code } }] })
})

it('doctor says that timing partners are kept apart', async () => {
  const { lines } = await startlist.json(['doctor'])
  expect(lines).toContainEqual(expect.objectContaining({ check: 'isolation', state: 'ok' }))
})
