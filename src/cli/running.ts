import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../domain/clock.ts'
import { StartlistError } from '../domain/errors.ts'
import { type FileLock, shareFile, tryLockFile } from '../store/embedded/lock.ts'
import { handToOwner } from '../store/embedded/place.ts'

/**
 * Which `run` processes belong to a home. Each holds a lock on a file named after its pid for as long as it lives, so
 * that a pid that was left behind, or that another program has by now, is never taken for a run of ours.
 */
const DIRECTORY = 'running'

/** As long as a turn needs for the page under way; then a second signal ends the process at once. */
const DRAIN_MS = 60_000
const AT_ONCE_MS = 5_000
const LOOK_MS = 50

/** Says that this process runs, until the returned function is called or it ends. */
export function registerRun(home: string, pid: number = process.pid): () => void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const directory = join(home, DIRECTORY)
  if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) handToOwner(directory)
  const path = join(directory, String(pid))
  // A file of an earlier process with this pid, killed before it could remove it.
  rmSync(path, { force: true })
  const lock = shareFile(path)
  if (lock === null) throw new StartlistError('INTERNAL', `${path} is locked by another process`)
  return () => {
    rmSync(path, { force: true })
    lock.release()
  }
}

/**
 * Tells every run of a home to stop and waits until they are gone.
 * @returns how many there were
 * @throws StartlistError CONFIG_INVALID when one may not be signalled, or does not end
 */
export async function stopRuns(home: string, clock: Clock): Promise<number> {
  const running = runsOf(home)
  for (const run of running) signal(run)
  for (const run of running) {
    if (await isGone(run, clock, DRAIN_MS)) continue
    signal(run)
    if (!(await isGone(run, clock, AT_ONCE_MS))) throw stubborn(run, 'does not end')
  }
  return running.length
}

interface RunningProcess {
  pid: number
  path: string
}

/** The living runs of a home; what dead ones left is removed. */
function runsOf(home: string): RunningProcess[] {
  const directory = join(home, DIRECTORY)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map((name) => ({ pid: Number(name), path: join(directory, name) }))
    .filter((run) => run.pid !== process.pid && lives(run))
}

function lives({ path }: RunningProcess): boolean {
  if (!existsSync(path)) return false
  const lock: FileLock | null = tryLockFile(path)
  if (lock === null) return true
  rmSync(path, { force: true })
  lock.release()
  return false
}

function signal(run: RunningProcess): void {
  try {
    process.kill(run.pid, 'SIGTERM')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH' && !lives(run)) return
    throw stubborn(run, `may not be signalled from here (${code})`, error)
  }
}

async function isGone(run: RunningProcess, clock: Clock, withinMs: number): Promise<boolean> {
  for (const until = clock.now() + withinMs; lives(run); ) {
    if (clock.now() >= until) return false
    await clock.sleep(LOOK_MS)
  }
  return true
}

function stubborn({ pid }: RunningProcess, what: string, cause?: unknown): StartlistError {
  return new StartlistError('CONFIG_INVALID', `startlist run (pid ${pid}) ${what}`, {
    cause,
    hint: `End process ${pid} as the user who started it, then run startlist stop again.`,
  })
}
