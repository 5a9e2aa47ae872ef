/** What news are about. Pure. */

/** `list haku:3:5f3a91c2`: its feed has grown; `account 4`: a pass over one of its lists ended; `*`: perhaps anything. */
export type Topic = string

export const EVERYTHING: Topic = '*'

/** Whether a list's news may be an event's: at RunSignUp a list is a race of several events, with an id of its own. */
export function isAbout(topic: Topic, event: string): boolean {
  if (topic === EVERYTHING || topic === `list ${event}`) return true
  const [provider, partner] = event.split(':')
  return provider === 'runsignup' && topic.startsWith(`list ${provider}:${partner}:`)
}

export const isOfAccount = (topic: Topic, account: number | null): boolean =>
  topic === EVERYTHING || topic === `account ${account}`
