import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isProcessAlive } from '../../src/observe/process-alive.ts'
import { stopEmbedded } from '../../src/store/embedded.ts'
import { HOME_PREFIX } from './names.ts'

/** A file system in memory, on Linux. */
const MEMORY = '/dev/shm'
/** Databases of two files of tests, and the log of their changes, several times over. */
const ROOM_BYTES = 4e9

export interface RunHome {
  path: string
  /**
   * The quickest way to copy a database there. In memory that is file by file. On a disk the checkpoint before each
   * such copy costs more than it saves.
   */
  copy: 'FILE_COPY' | 'WAL_LOG'
}

/**
 * A temporary home for the run's PostgreSQL, in memory where there is room: copying a database is most of what many
 * tests do, and a busy disk makes it five times as long. Nothing in it has to outlive the run.
 */
export function makeRunHome(): RunHome {
  const name = `${HOME_PREFIX}${process.pid}-`
  const inMemory = hasRoom() ? makeWhereProgramsRun(MEMORY, name) : null
  return inMemory === null
    ? { path: mkdtempSync(join(tmpdir(), name)), copy: 'WAL_LOG' }
    : { path: inMemory, copy: 'FILE_COPY' }
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    // A container may be allowed less memory than its file system says.
    return bavail * bsize > ROOM_BYTES && process.availableMemory() > 2 * ROOM_BYTES
  } catch {
    return false
  }
}

/** The server's programs are copied into a home when its user cannot reach them, and have to run there. */
function makeWhereProgramsRun(parent: string, name: string): string | null {
  let path: string | null = null
  try {
    path = mkdtempSync(join(parent, name))
    const probe = join(path, 'probe')
    writeFileSync(probe, '#!/bin/sh\n', { mode: 0o700 })
    execFileSync(probe, { stdio: 'ignore' })
    rmSync(probe)
    return path
  } catch {
    if (path !== null) rmSync(path, { recursive: true, force: true })
    return null
  }
}

/** Stops and removes what runs left behind that were killed: their pid stands in the name. */
export async function removeLeftovers(): Promise<void> {
  for (const parent of [tmpdir(), MEMORY]) {
    for (const name of namesIn(parent)) {
      const pid = name.startsWith(HOME_PREFIX)
        ? Number.parseInt(name.slice(HOME_PREFIX.length), 10)
        : Number.NaN
      if (Number.isNaN(pid) || isProcessAlive(pid)) continue
      const home = join(parent, name)
      try {
        // Tests of the embedded database have their home one level down.
        for (const used of [home, join(home, 'home')]) await stopEmbedded(used)
        rmSync(home, { recursive: true, force: true })
      } catch {
        // Another user's: theirs to remove.
      }
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
