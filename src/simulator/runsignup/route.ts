/** The kinds of request; `other` is whatever no route matches. */
export type Endpoint = 'login' | 'races' | 'race' | 'participants' | 'removed' | 'other'

/** What a request is about. */
export interface Route {
  endpoint: Endpoint
  /** the only method that the path accepts */
  method: 'GET' | 'POST'
  raceId: string | null
}

const ROUTES: readonly { endpoint: Endpoint; method: 'GET' | 'POST'; path: RegExp }[] = [
  { endpoint: 'login', method: 'POST', path: /^\/rest\/login$/i },
  { endpoint: 'races', method: 'GET', path: /^\/rest\/races$/i },
  { endpoint: 'race', method: 'GET', path: /^\/rest\/race\/(\d+)$/i },
  { endpoint: 'participants', method: 'GET', path: /^\/rest\/race\/(\d+)\/participants$/i },
  { endpoint: 'removed', method: 'GET', path: /^\/rest\/race\/(\d+)\/removed-participants$/i },
]

/** The route of a path, whose case does not matter (RunSignUp API notes 2.1). */
export function routeOf(path: string): Route {
  for (const { endpoint, method, path: pattern } of ROUTES) {
    const found = pattern.exec(path)
    if (found) return { endpoint, method, raceId: found[1] ?? null }
  }
  return { endpoint: 'other', method: 'GET', raceId: null }
}
