import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setBib } from '../src/simulator/index.ts'
import { Program } from '../test/cli/run-startlist.ts'
import { openStage, RACES, type Stage } from '../test/e2e/dashboard/stage.ts'
import { listen, paced, quantile, type Target } from './board/load.ts'
import { withServer } from './runsignup-night/database.ts'

/**
 * What a crowd of readers costs: thousands of streams and hundreds of requests a second on a `startlist run` that polls
 * a race every minute, beside an idle /healthz of the same run. See bench/README.md.
 */

const { values } = parseArgs({
  options: {
    listeners: { type: 'string', default: '2000' },
    requests: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '130' },
  },
})
const [listeners, perSecond, seconds] = [values.listeners, values.requests, values.seconds].map(Number) as [
  number,
  number,
  number,
]
const KEY = Buffer.alloc(32, 5).toString('base64')
const PARTICIPANTS = 400
const POLL_MS = 60_000
/** Between two changes at the provider. */
const MOVE_MS = 15_000

await withServer(async (_, url) => {
  const stage = await openStage(
    PARTICIPANTS,
    (haku) =>
      new Program({
        DATABASE_URL: url,
        STARTLIST_KEY: KEY,
        HAKU_API_URL: haku.apiUrl,
        HAKU_TOKEN_URL: haku.tokenUrl,
        HAKU_MIN_SPACING_MS: '0',
        HAKU_QUOTA_PER_HOUR: '10000',
        STARTLIST_API_REQUESTS_PER_SECOND: '100000',
      }),
  )
  try {
    await crowd(stage)
  } finally {
    await stage.stop()
  }
})

async function crowd(stage: Stage): Promise<void> {
  const target: Target = { url: stage.url, token: stage.tokens.partner }
  await settled(stage)
  const idle = (await paced(target, ['/healthz'], { perSecond, seconds: 10 })).get('/healthz') ?? []
  tell('idle /healthz', idle, idle)

  const event = `/v1/events/${encodeURIComponent(`haku:1:${RACES.soon}`)}`
  const streams = await listen(target, `${event}/changes/stream`, listeners)
  const from = Date.now()
  const moved = moves(stage, seconds)
  const took = await paced(
    target,
    [
      '/v1/board',
      event,
      `${event}/participants?limit=50`,
      `${event}/participants?q=an&limit=50`,
      `${event}/changes?after=0&limit=50`,
      '/healthz',
    ],
    { perSecond, seconds },
  )
  const changes = await moved
  await sleep(POLL_MS + 10_000)
  for (const [path, ms] of took) tell(path.replace(event, '.../{event}'), ms, idle)
  const polls = stage.haku.calls
    .list({ eventId: RACES.soon, endpoint: 'participants', since: from })
    .map(({ at }) => at)
  const gaps = polls.slice(1).map((at, i) => at - (polls[i] ?? at))
  say(
    `${listeners} streams: ${Math.min(...streams.received)} to ${Math.max(...streams.received)} changes each`,
  )
  say(
    `${changes} bibs were changed meanwhile; polls of the race ${Math.round(Math.max(...gaps) / 1_000)} s apart at most`,
  )
  streams.close()
}

/** Everything is read, and the race is polled by the minute. */
async function settled({ startlist }: Stage): Promise<void> {
  for (;;) {
    const { lines } = await startlist.json([
      'query',
      `SELECT count(*)::int AS pending FROM haku_participants WHERE detail_of IS DISTINCT FROM list_fingerprint`,
    ])
    const known = await startlist.json(['query', 'SELECT count(*)::int AS known FROM haku_participants'])
    if (lines[0]?.pending === 0 && Number(known.lines[0]?.known) >= 3 * PARTICIPANTS) return
    await sleep(2_000)
  }
}

/** Changes a bib now and then. @returns how many */
async function moves({ haku, scene }: Stage, forSeconds: number): Promise<number> {
  const numbers = [...scene.event(RACES.soon).registrations.keys()]
  const count = Math.floor((forSeconds * 1_000) / MOVE_MS)
  for (let i = 0; i < count; i++) {
    haku.at(scene.now(), (world) =>
      setBib(world, RACES.soon, numbers[i] ?? '', world.nextBib(world.event(RACES.soon))),
    )
    await sleep(MOVE_MS)
  }
  return count
}

function tell(what: string, ms: readonly number[], idle: readonly number[]): void {
  const parts = [0.5, 0.95, 0.99].map((share) => {
    const value = quantile(ms, share)
    return `p${share * 100} ${value.toFixed(1)} ms (${(value / quantile(idle, share)).toFixed(1)} x)`
  })
  say(`${what.padEnd(44)} ${String(ms.length).padStart(6)}  ${parts.join('  ')}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
