import type { RaceEvent } from '../../simulator/index.ts'
import { type FeedEntry, readFeed } from '../../store/overview/feed.ts'
import { type FeedLine, feedLines } from './feed-lines.ts'
import { syncOne } from './fill.ts'
import type { Installation } from './install.ts'
import { planMorning } from './moves.ts'
import type { Screen } from './screen.ts'

/** What the morning had to show for itself. */
export interface Morning {
  /** Polls by event: each would have been a whole sync of the naive way. */
  polls: Map<string, number>
  /** What the race's feed told. */
  lines: FeedLine[]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** How long the feed may be read on a terminal, per line. */
const READING_MS = 400
const PAGE = 1_000

/** Plays the last two hours before the gun, looking at what is due once a minute, and prints the race's feed. */
export async function playMorning(
  installation: Installation,
  feed: Feed,
  screen: Screen,
  signal: AbortSignal,
): Promise<Morning> {
  const { scene, accounts, haku } = installation
  const { clock, race, gun } = scene
  planMorning(haku, scene)
  const morning: Morning = { polls: new Map(), lines: [] }
  const lastPoll = new Map<string, number>()
  for (let minute = gun - 2 * HOUR; minute <= gun; minute += MINUTE) {
    if (clock.now() < minute) clock.set(minute)
    for (const account of accounts) {
      for (const event of scene.world.eventsOf(account.clientId)) {
        if (!isDue(event, lastPoll.get(event.id), minute)) continue
        lastPoll.set(event.id, minute)
        morning.polls.set(event.id, (morning.polls.get(event.id) ?? 0) + 1)
        await syncOne(installation, account, { eventId: event.id }, { signal })
      }
    }
    const lines = feedLines(await feed.news())
    morning.lines.push(...lines)
    await printLines(screen, race, lines)
  }
  return morning
}

/** The race's feed as one of its timing partners reads it. */
export interface Feed {
  /** What came since it was last read. */
  news(): Promise<FeedEntry[]>
}

export function openFeed({ db, scene, accounts }: Installation): Feed {
  const { race } = scene
  const partnerId = accounts.find((account) => account.clientId === race.clientId)?.partnerIds[0] ?? 0
  const at = { provider: 'haku', partnerId, eventId: race.id }
  let position = 0
  return {
    async news() {
      const news: FeedEntry[] = []
      for (;;) {
        const page = await readFeed(db, at, position, PAGE)
        news.push(...page)
        position = page.at(-1)?.position ?? position
        if (page.length < PAGE) return news
      }
    },
  }
}

/** Prints lines of the feed, each with the time at which it was seen in the race's zone. */
export async function printLines(screen: Screen, race: RaceEvent, lines: readonly FeedLine[]): Promise<void> {
  const clockText = new Intl.DateTimeFormat('en-GB', {
    timeZone: race.timezone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  for (const { text, staleness, seenAt } of lines) {
    const since = staleness === null ? 'found by the sweep' : `${Math.round(staleness)} s after the change`
    const time = screen.paint('dim', clockText.format(seenAt))
    screen.line(`  ${time}  ${text} ${screen.paint('green', since)}`)
    await screen.pause(READING_MS)
  }
}

/** Whether an event is to be looked at, by the default cadence; `now` and `last` are whole minutes. */
export function isDue(event: Pick<RaceEvent, 'startsAt'>, last: number | undefined, now: number): boolean {
  if (last === undefined) return true
  const left = (event.startsAt ?? Number.POSITIVE_INFINITY) - now
  const interval = left <= 4 * HOUR ? MINUTE : left <= 24 * HOUR ? 15 * MINUTE : 4 * HOUR
  return now - last >= interval
}
