import type { Endpoint } from './call-log.ts'

/** What a request is about. */
export interface Route {
  endpoint: Endpoint
  /** the only method that the path accepts */
  method: 'GET' | 'POST'
  eventId: string | null
  number: string | null
}

const ROUTES: readonly { endpoint: Endpoint; method: 'GET' | 'POST'; path: RegExp }[] = [
  { endpoint: 'token', method: 'POST', path: /^\/oauth2\/token$/ },
  { endpoint: 'events', method: 'GET', path: /^\/events$/ },
  { endpoint: 'participants', method: 'GET', path: /^\/events\/([^/]+)\/participants$/ },
  { endpoint: 'registrations', method: 'GET', path: /^\/events\/([^/]+)\/registrations$/ },
  { endpoint: 'detail', method: 'GET', path: /^\/events\/([^/]+)\/registrations\/([^/]+)$/ },
]

function decoded(part: string | undefined): string | null {
  if (part === undefined) return null
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The route of a path (Haku API notes 1.2 and 1.3). */
export function routeOf(path: string): Route {
  for (const { endpoint, method, path: pattern } of ROUTES) {
    const found = pattern.exec(path)
    if (found) return { endpoint, method, eventId: decoded(found[1]), number: decoded(found[2]) }
  }
  return { endpoint: 'other', method: 'GET', eventId: null, number: null }
}
