import { type Answer, plain } from './answer.ts'
import type { Tokens } from './tokens.ts'
import type { Traits } from './traits.ts'
import type { World } from './world.ts'

/** The client id and secret a token request presents, in its Basic header or in its form. */
export interface Presented {
  clientId: string | null
  secrets: string[]
  form: URLSearchParams
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** Reads a token request. Libraries differ on whether a Basic pair is form-encoded first, so both are taken. */
export function presented(authorization: string | undefined, body: string): Presented {
  const form = new URLSearchParams(body)
  const basic = /^Basic\s+(\S+)$/i.exec(authorization ?? '')
  if (!basic) {
    const secret = form.get('client_secret')
    return { clientId: form.get('client_id'), secrets: secret === null ? [] : [secret], form }
  }
  const pair = Buffer.from(basic[1] as string, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const secret = pair.slice(colon + 1)
  return { clientId: unescaped(pair.slice(0, colon)), secrets: [secret, unescaped(secret)], form }
}

/** Answers `POST /oauth2/token` as Cognito does (Haku API notes 1.2). */
export function answerToken(world: World, tokens: Tokens, traits: Traits, request: Presented): Answer {
  const organization = world.organizations.get(request.clientId ?? '')
  const known = organization?.secrets.some((secret) => request.secrets.includes(secret))
  if (!organization || !known) return plain(400, { error: 'invalid_client' })
  const grant = request.form.get('grant_type')
  if (grant === null) return plain(400, { error: 'invalid_request' })
  if (grant !== 'client_credentials') return plain(400, { error: 'unsupported_grant_type' })
  const token = tokens.issue(organization.clientId, world.clock.now() + traits.tokenLifetime * 1000)
  return plain(200, {
    access_token: token,
    ...(traits.tokenLifetimeShown && { expires_in: traits.tokenLifetime }),
    token_type: 'Bearer',
  })
}
