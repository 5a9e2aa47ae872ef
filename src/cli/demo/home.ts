import { lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isProcessAlive } from '../../observe/process-alive.ts'
import { findPlace } from '../../store/embedded/place.ts'
import { findPostmaster } from '../../store/embedded/server.ts'
import { openEmbedded, stopEmbedded } from '../../store/embedded.ts'

/** A home of the demo's own, and its PostgreSQL. */
export interface DemoHome {
  path: string
  /** Starts the database. @returns its URL */
  open(): Promise<string>
  /** Stops the database and removes every file. Can be called again. */
  remove(): Promise<void>
}

/** Start of the directory's name; the process id follows, so that what a killed demo left is known as such. */
const PREFIX = 'startlist-demo-'
/** Longest wait for the server at the very end of the process. */
const EXIT_MS = 5_000
const TICK_MS = 20

/** Makes a home below the system's temporary directory, with a server of at most so many connections. */
export function makeHome(maxConnections = 20): DemoHome {
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  let release: (() => Promise<void>) | undefined
  // The last resort of an impatient second Ctrl-C. Listeners run in order, and openEmbedded's own is the first: the
  // server has been told to stop. Before it is open, its files stay, for the next demo to stop it by.
  const onExit = () => {
    waitForServer(path)
    removeFiles(path)
  }
  return {
    path,
    async open() {
      const server = await openEmbedded(path, { fast: true, maxConnections })
      release = server.release
      process.once('exit', onExit)
      return server.url
    },
    async remove() {
      await release?.()
      removeFiles(path)
      process.off('exit', onExit)
    },
  }
}

/** Stops and removes what demos left behind that were killed outright. */
export async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN
    const path = join(tmpdir(), name)
    if (Number.isNaN(pid) || isProcessAlive(pid) || !isOurs(path)) continue
    await stopEmbedded(path).catch(() => false)
    removeFiles(path)
  }
}

/** Waits for the server's end where nothing can be awaited: what it still wrote would stay. */
function waitForServer(home: string): void {
  const tick = new Int32Array(new SharedArrayBuffer(4))
  try {
    const place = findPlace(home)
    for (let waited = 0; place && findPostmaster(place) && waited < EXIT_MS; waited += TICK_MS) {
      Atomics.wait(tick, 0, 0, TICK_MS)
    }
  } catch {
    // Nothing to wait for.
  }
}

/** As root the database's files may lie elsewhere, where its user can enter: they go as well. */
function removeFiles(home: string): void {
  const options = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }
  let base = home
  try {
    base = findPlace(home)?.base ?? home
  } catch {
    // Half-made or half-removed: there is nothing elsewhere, or nothing that can be found.
  }
  rmSync(home, options)
  if (base === home) return
  rmSync(base, options)
  try {
    rmdirSync(dirname(base))
  } catch {
    // Another home's data is there too.
  }
}

/** Whoever else uses this machine may name a directory as they like. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() === true && found.uid === process.getuid?.()
}
