import { createRoute, z } from '@hono/zod-openapi'
import type { Topics } from '../../feed/topics.ts'
import { visibleAccounts } from '../../store/feed/accounts.ts'
import { eventStream, eventText } from '../event-stream.ts'
import { newArea, problems } from './area.ts'

/** That something changed, for whoever shows all of it. */
export const stream = newArea()

const all = createRoute({
  method: 'get',
  path: '/stream',
  tags: ['Changes'],
  summary: 'That something changed, as it happens',
  description: [
    'Server-sent events that say what to ask for again. `list`: the feed of a list (an event, or a race of several at',
    'RunSignUp) has grown, `{list, position}`. `account`: a pass over one of its lists ended, `{account}`. `all`:',
    'anything may have changed; it is the first, and comes whenever something may have been missed.',
  ].join(' '),
  responses: {
    200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems,
  },
})

stream.openapi(all, async (c) => {
  const { call, services } = c.var
  const { partnerId } = call.caller
  const accountsNow = () => (partnerId === null ? null : call.read(visibleAccounts))
  let accounts = await accountsNow()
  return eventStream(services.clock, async function* (signal) {
    const news = services.hub.watch(signal)
    yield eventText({ event: 'all', data: '{}' })
    for await (const topics of news) {
      if (topics.all) {
        accounts = await accountsNow()
        yield eventText({ event: 'all', data: '{}' })
      } else {
        const text = textOf(topics, { partnerId, accounts })
        if (text !== '') yield text
      }
    }
  })
})

/** What of it somebody may know. */
function textOf(
  { lists, accounts }: Topics,
  may: { partnerId: number | null; accounts: ReadonlySet<number> | null },
): string {
  const mine = [...lists].filter(
    ([key]) => may.partnerId === null || key.split(':')[1] === String(may.partnerId),
  )
  const passes = [...accounts].filter((account) => may.accounts?.has(account) ?? true)
  return [
    ...mine.map(([list, position]) => eventText({ event: 'list', data: JSON.stringify({ list, position }) })),
    ...passes.map((account) => eventText({ event: 'account', data: JSON.stringify({ account }) })),
  ].join('')
}
