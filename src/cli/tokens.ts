import { StartlistError } from '../domain/errors.ts'
import { createToken, listTokens, revokeToken, type TokenOverview } from '../store/api-tokens.ts'
import { requirePartner } from './accounts.ts'
import type { Command } from './cli.ts'
import { daysOption, idOption, textOption } from './options.ts'
import { withSession } from './session.ts'
import type { Cell, Column } from './table.ts'
import { age } from './times.ts'

export interface CreateTokenOptions {
  partner?: string
  admin?: boolean
  name: string
  expires?: string
}

const DAY = 86_400_000

/** `tokens create`: for one timing partner's part of the HTTP API, or all of it; shown this once. */
export const createApiToken: Command<CreateTokenOptions> = (cli, options) => {
  if ((options.partner === undefined) === (options.admin !== true))
    throw new StartlistError('USAGE', 'give --partner ID, or --admin for all of it')
  const partnerId = options.partner === undefined ? null : idOption(options.partner, '--partner')
  const name = textOption(options.name, '--name')
  const days = options.expires === undefined ? null : daysOption(options.expires, '--expires')
  return withSession(cli, {}, async ({ db, clock }) => {
    const partner = partnerId === null ? null : await requirePartner(db, partnerId)
    const expiresAt = days === null ? null : clock.now() + days * DAY
    const { tokenId, token } = await createToken(db, { name, partnerId, expiresAt })
    cli.out.record({ id: tokenId, name, partnerId, expiresAt: iso(expiresAt), token })
    cli.out.line(token)
    const scope = partner === null ? 'everything' : `what is ${partner.name}'s`
    const until = expiresAt === null ? 'until it is revoked' : `until ${iso(expiresAt)}`
    cli.out.note(`Token ${tokenId} opens ${scope}, ${until}. It is not shown again.`)
    return 0
  })
}

/** `tokens list`: who has one, for what, and who still uses it; never the tokens. */
export const listApiTokens: Command<object> = (cli) =>
  withSession(cli, {}, async ({ db, clock }) => {
    const tokens = await listTokens(db)
    for (const { tokenId: id, ...token } of tokens) {
      const { name, partnerId, partner, state } = token
      cli.out.record({
        ...{ id, name, partnerId, partner, state, createdAt: iso(token.createdAt) },
        ...{ expiresAt: iso(token.expiresAt), revokedAt: iso(token.revokedAt) },
        lastUsedAt: iso(token.lastUsedAt),
      })
    }
    if (tokens.length === 0) cli.out.line('There is no token yet: startlist tokens create --help')
    else
      cli.out.table(
        COLUMNS,
        tokens.map((token) => rowOf(token, clock.now())),
      )
    return 0
  })

/** `tokens revoke`: from the next request on nobody comes in with it. */
export const revokeApiToken: Command<{ id: string }> = (cli, options) => {
  const id = idOption(options.id, 'ID')
  return withSession(cli, {}, async ({ db }) => {
    if (!(await revokeToken(db, id))) throw new StartlistError('NO_SUCH_TOKEN', `there is no token ${id}`)
    cli.out.record({ id, revoked: true })
    cli.out.line(`Token ${id} is revoked.`)
    return 0
  })
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const COLUMNS: Column[] = [
  { head: 'Id', align: 'right' },
  { head: 'Name', shrink: true, least: 6 },
  { head: 'Opens', shrink: true, least: 6 },
  { head: 'State' },
  { head: 'Expires' },
  { head: 'Used', align: 'right' },
]

const STYLES = { valid: 'green', expired: 'yellow', revoked: 'red' } as const

function rowOf(token: TokenOverview, now: number): Cell[] {
  return [
    String(token.tokenId),
    token.name,
    token.partnerId === null ? 'everything' : (token.partner ?? ''),
    { text: token.state, style: STYLES[token.state] },
    token.expiresAt === null ? 'never' : iso(token.expiresAt)!.slice(0, 10),
    age(token.lastUsedAt, now),
  ]
}
