import type { News } from './news.ts'

export type ChannelName = 'webhook' | 'email'

/** News as they wait for delivery, and travel. */
export interface Message {
  news: News[]
  /** news that are left out because nobody reads so many */
  more: number
}

const MOST = 30

/** The message of one look. */
export function messageOf(news: readonly News[]): Message {
  return { news: news.slice(0, MOST), more: Math.max(0, news.length - MOST) }
}

/** A message in one line, for subjects and for phones: `startlist: 2 new, 1 resolved`. */
export function subjectOf({ news, more }: Message): string {
  const [only] = news
  if (news.length === 1 && only !== undefined && more === 0)
    return `startlist: ${only.state}: ${only.message}`
  const counts = (['opened', 'still open', 'resolved'] as const)
    .map((state) => [state, news.filter((each) => each.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
  return `startlist: ${[...counts, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
}

/** A message as lines, each alert with its advice. */
export function textOf({ news, more }: Message): string {
  const lines = news.map(({ state, message, hint, since }) => {
    const begun = new Date(since).toISOString().replace(/\.\d+/, '')
    return state === 'resolved'
      ? `Resolved: ${message} (since ${begun})`
      : `${state === 'opened' ? 'New' : `Still open since ${begun}`}: ${message}. ${hint}`
  })
  return [...lines, ...(more > 0 ? [`And ${more} more: startlist alerts lists what is open.`] : [])].join(
    '\n',
  )
}
