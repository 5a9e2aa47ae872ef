import { systemClock } from '../domain/clock.ts'
import { type Haku, startHaku } from '../simulator/index.ts'
import type { RunSignUp } from '../simulator/runsignup/index.ts'
import { compareAll } from './demo/compare.ts'
import { feedLines } from './demo/feed-lines.ts'
import { discoverAll, fillAll, syncOne } from './demo/fill.ts'
import { type DemoHome, makeHome, removeLeftovers } from './demo/home.ts'
import { type Installation, install } from './demo/install.ts'
import { openFeed, playMorning, printLines } from './demo/morning.ts'
import { walkNaively } from './demo/naive.ts'
import { showRunSignUp, startSecond } from './demo/runsignup.ts'
import { makeScene, type Scene } from './demo/scene.ts'
import { openScreen, type Screen } from './demo/screen.ts'
import { billOf, count, printBill, printComparison, printStaleness, type Spent } from './demo/summary.ts'
import { instantText } from './times.ts'

export interface DemoOptions {
  /** Leave everything running at the end, to be looked at, until Ctrl-C. */
  keep: boolean
  /** Aborted by Ctrl-C. */
  signal?: AbortSignal
}

/** What a process ends with that was told to by Ctrl-C. */
const INTERRUPTED = 130

/**
 * A whole startlist in about a minute, against a simulated provider: no configuration, a home of its own, nothing
 * left behind.
 * @returns the exit code: 0, 1 when rows and truth differ, 130 after Ctrl-C
 */
export async function demo({ keep, signal = new AbortController().signal }: DemoOptions): Promise<number> {
  const screen = openScreen(process.stdout, signal)
  let code = INTERRUPTED
  try {
    code = await play(screen, keep, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (signal.aborted) {
    screen.line()
    screen.line('Stopped; everything that was started is gone again.')
  }
  return code
}

async function play(screen: Screen, keep: boolean, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted()
  await removeLeftovers()
  await using stack = new AsyncDisposableStack()
  const home = makeHome()
  stack.defer(() => home.remove())
  screen.line(screen.paint('bold', 'startlist demo'))
  screen.line('  Simulated providers and an embedded PostgreSQL, all on this machine only.')
  screen.line('  All names are invented.')
  const scene = makeScene(systemClock.now())
  const url = await home.open()
  signal.throwIfAborted()
  const haku = stack.use(await startHaku({ world: scene.world }))
  const runSignUp = stack.use(await startSecond(scene))
  const installation = await install(scene, { haku, runSignUp }, { home: home.path, url })
  stack.defer(() => installation.db.destroy())
  const equal = await run(installation, runSignUp, screen, signal)
  printNext(screen)
  if (keep) await stay(screen, { home, url, haku, runSignUp }, signal)
  return equal ? 0 : 1
}

/** @returns whether the rows equal the provider's truth in the end */
async function run(
  installation: Installation,
  runSignUp: RunSignUp,
  screen: Screen,
  signal: AbortSignal,
): Promise<boolean> {
  const { scene, haku, accounts } = installation
  const spent: Spent = { fill: 0, morning: 0, sweep: 0 }
  const spend = async <T>(on: keyof Spent, work: () => Promise<T>): Promise<T> => {
    const before = haku.calls.last
    const result = await work()
    spent[on] += haku.calls.last - before
    return result
  }

  screen.heading(`The evening before (${timeOf(scene)})`)
  const partners = new Set(scene.credentials.map((credential) => credential.partner)).size
  screen.line(
    `  ${partners} timing partners, ${scene.credentials.length} credentials, ${accounts.length} client ids; two partners share one.`,
  )
  const events = await spend('fill', () => discoverAll(installation, signal))
  screen.line(`  ${events} events discovered. Names first, then each registration's details:`)
  await spend('fill', () => fillAll(installation, screen, signal))

  // Now, while the world is smallest: the morning's late entries shall not count against it.
  const naive = await walkNaively(haku, scene.credentials, signal)

  scene.clock.set(scene.gun - 2 * 3_600_000)
  screen.heading(`Race morning in fast motion (from ${timeOf(scene)})`)
  screen.line(`  ${scene.race.name}: gun in two hours, a poll a minute.`)
  screen.line('  The other races are polled every 15 minutes or 4 hours. The change feed:')
  const feed = openFeed(installation)
  // The evening's entries are no news.
  await feed.news()
  const morning = await spend('morning', () => playMorning(installation, feed, screen, signal))

  screen.heading(`The gun (${timeOf(scene)}): one last sweep of every event`)
  await spend('sweep', async () => {
    for (const account of accounts) await syncOne(installation, account, { full: true }, { signal })
  })
  await printLines(screen, scene.race, feedLines(await feed.news()))
  printStaleness(screen, morning)

  screen.heading('The same at RunSignUp, with a key of its own')
  const isSecondEqual = await showRunSignUp(installation, runSignUp, screen, signal)

  const comparison = await compareAll(installation)
  const bill = billOf(spent, naive, morning)
  printBill(screen, bill, installation, naive, morning)
  screen.line()
  const times = (bill.naive.morning / bill.startlist.morning).toFixed(0)
  screen.line(
    `calls in the morning: ${count(bill.startlist.morning)} against ${count(bill.naive.morning)}, one for every ${times} of the naive way's`,
  )
  return printComparison(screen, comparison) && isSecondEqual
}

function timeOf({ clock, race }: Scene): string {
  return instantText(clock.now(), race.timezone, clock.now())
}

function printNext(screen: Screen): void {
  screen.line()
  screen.line(
    `Where to go next: docs/quickstart.md, or at once ${screen.paint('bold', 'bin/startlist setup')}`,
  )
}

/** Lets a person look around until Ctrl-C. */
async function stay(
  screen: Screen,
  { home, url, haku, runSignUp }: { home: DemoHome; url: string; haku: Haku; runSignUp: RunSignUp },
  signal: AbortSignal,
): Promise<void> {
  screen.heading('Still running, until Ctrl-C')
  screen.line(`  the database:  ${url}`)
  screen.line(`  its home:      ${home.path}`)
  screen.line('  to look around with startlist itself, in another terminal:')
  // With the provider's address: what is invented here must not be tried at the real one.
  screen.line(`    export STARTLIST_HOME=${home.path}`)
  screen.line(`    export HAKU_API_URL=${haku.apiUrl} HAKU_TOKEN_URL=${haku.tokenUrl}`)
  screen.line(`    export RUNSIGNUP_API_URL=${runSignUp.apiUrl}`)
  screen.line('    bin/startlist status')
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
}
