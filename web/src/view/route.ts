/** Which page an address stands for. Pure. The part behind # never reaches a server or its log. */

export const RACE_PARTS = ['overview', 'changes', 'checks', 'participants', 'bibs', 'exports'] as const
export type RacePart = (typeof RACE_PARTS)[number]

export const PAGES = ['board', 'quota', 'runs', 'backfill', 'rejects', 'partners'] as const
export type PageName = (typeof PAGES)[number]

export type Route =
  | { page: Exclude<PageName, 'runs' | 'rejects'> }
  | { page: 'runs' | 'rejects'; id: string | null }
  | { page: 'race'; event: string; part: RacePart; query: ReadonlyMap<string, string> }
  | { page: 'sign-in'; token: string | null }
  | { page: 'nowhere' }

/** @param hash with or without its `#` */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?')
  const [head = '', ...rest] = path.split('/').map(decoded)
  if (head === '' || head === 'board') return { page: 'board' }
  if (head === 'sign-in') return { page: 'sign-in', token: new URLSearchParams(search).get('token') }
  if (head === 'races') return raceOf(rest, new Map(new URLSearchParams(search)))
  if (head === 'runs' || head === 'rejects') return { page: head, id: rest[0] ?? null }
  if (isPage(head) && rest.length === 0) return { page: head }
  return { page: 'nowhere' }
}

function raceOf([event, part = 'overview']: string[], query: ReadonlyMap<string, string>): Route {
  if (event === undefined || event === '' || !isRacePart(part)) return { page: 'nowhere' }
  return { page: 'race', event, part, query }
}

const isPage = (name: string): name is Exclude<PageName, 'runs' | 'rejects'> =>
  (PAGES as readonly string[]).includes(name)
const isRacePart = (name: string): name is RacePart => (RACE_PARTS as readonly string[]).includes(name)

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of a race, or of a part of it. */
export function raceHref(
  event: string,
  part: RacePart = 'overview',
  query: Record<string, string> = {},
): string {
  const tail = part === 'overview' ? '' : `/${part}`
  const search = new URLSearchParams(query).toString()
  return `#/races/${encodeURIComponent(event)}${tail}${search === '' ? '' : `?${search}`}`
}
