import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CHILDREN = {
  up: fileURLToPath(new URL('migrate-child.ts', import.meta.url)),
  down: fileURLToPath(new URL('down-child.ts', import.meta.url)),
} as const

/** What became of a process that migrated. */
export interface Migrated {
  killed: boolean
  /** The units that it began, as `step: about`. */
  units: string[]
}

/** A `migrate` in a process of its own. */
export interface Migrating {
  /** Resolves once a unit whose text contains this has begun. */
  began(text: string): Promise<void>
  kill(): void
  end: Promise<Migrated>
}

/** @param die at which unit, counted from 1, and how long after its beginning, ms; null before it */
export function startMigrate(
  url: string,
  die?: { at: number; afterMs: number | null },
  direction: keyof typeof CHILDREN = 'up',
): Migrating {
  const child = spawn(process.execPath, [CHILDREN[direction]], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      DATABASE_URL: url,
      KILL_AT: die === undefined ? '' : String(die.at),
      KILL_AFTER_MS: String(die?.afterMs ?? ''),
    },
  })
  let said = ''
  const waiting = new Set<() => void>()
  child.stdout.on('data', (data) => {
    said += data
    for (const look of waiting) look()
  })
  const linesOf = () => said.split('\n').filter((line) => line !== '')
  return {
    began: (text) =>
      new Promise((resolve, reject) => {
        const look = () => said.includes(text) && resolve()
        waiting.add(look)
        child.once('close', () => reject(new Error(`it ended before ${text}: ${said}`)))
        look()
      }),
    kill: () => void child.kill('SIGKILL'),
    end: new Promise((resolve, reject) => {
      child.once('close', (code, signal) => {
        if (signal !== 'SIGKILL' && code !== 0) return reject(new Error(`it failed: ${said}`))
        resolve({ killed: signal === 'SIGKILL', units: linesOf().filter((line) => line.includes(': ')) })
      })
    }),
  }
}
