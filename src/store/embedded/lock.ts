import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** A lock on a file. It belongs to the process: the system takes it back however the process ends. */
export interface FileLock {
  release(): void
}

const SQLITE_BUSY = 5
const RETRY_MS = 50

/*
 * Node has no flock. SQLite, which it has, takes the same kind of lock (fcntl) on Linux and macOS, shared or
 * exclusive, for as long as a transaction is open; the file stays empty. Unlike a file with a pid in it, such a
 * lock cannot be stale after kill -9, cannot be mistaken for another process with the same pid, and two
 * connections of one process count as two.
 */

/** Waits up to `waitMs` until nobody else holds the file. Null when the time is over. */
export async function lockFile(path: string, waitMs: number): Promise<FileLock | null> {
  for (let waited = 0; ; waited += RETRY_MS) {
    const lock = tryLockFile(path)
    if (lock || waited >= waitMs) return lock
    await sleep(RETRY_MS)
  }
}

/**
 * Takes the file for itself if nobody holds it, else null.
 * @param blockMs blocks the whole process up to that long: only for the moment when it ends
 */
export function tryLockFile(path: string, blockMs = 0): FileLock | null {
  return begin(path, 'BEGIN EXCLUSIVE', blockMs)
}

/** Holds the file together with others, so that nobody can have it for itself. Null when somebody has. */
export function shareFile(path: string): FileLock | null {
  return begin(path, 'BEGIN; SELECT count(*) FROM sqlite_master', 0)
}

function begin(path: string, statements: string, blockMs: number): FileLock | null {
  makeFile(path)
  const db = new DatabaseSync(path, { timeout: blockMs })
  try {
    db.exec('PRAGMA journal_mode = MEMORY')
    db.exec(statements)
  } catch (error) {
    db.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw error
  }
  return {
    release() {
      if (db.isOpen) db.close()
    },
  }
}

/**
 * Closed to other users, who could otherwise hold it and keep everybody out. Only ever opened when it is new: to
 * close a second descriptor of a locked file would undo the lock.
 */
function makeFile(path: string): void {
  if (existsSync(path)) return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
