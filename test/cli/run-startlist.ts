import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Haku } from '../../src/simulator/index.ts'
import { HOME_PREFIX } from '../helpers/names.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/startlist', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** Standard output as JSON lines. */
  lines: Record<string, unknown>[]
}

export interface RunOptions {
  input?: string
  env?: Record<string, string>
  /** Called at once, with a way to send a signal. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

/** The real program, as a child process in an environment of its own. */
export class Program {
  /** Of every run of it. */
  readonly env: Record<string, string>
  readonly home = mkdtempSync(join(tmpdir(), `${HOME_PREFIX}${process.pid}-cli-`))

  constructor(env: Record<string, string>) {
    this.env = { PATH: process.env.PATH ?? '', STARTLIST_HOME: this.home, ...env }
  }

  /** Against a test database and a simulated Haku. */
  static on(url: string, haku: Haku): Program {
    return new Program({
      DATABASE_URL: url,
      STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
      HAKU_API_URL: haku.apiUrl,
      HAKU_TOKEN_URL: haku.tokenUrl,
      HAKU_MIN_SPACING_MS: '0',
    })
  }

  run(args: readonly string[], { input = '', env = {}, onStart }: RunOptions = {}): Promise<Ended> {
    const child = spawn(PROGRAM, args, { env: { ...this.env, ...env }, cwd: tmpdir() })
    let stdout = ''
    let stderr = ''
    onStart?.((signal) => child.kill(signal))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    // A command that never reads may have closed its end already.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, stdout, stderr, lines: jsonLines(stdout) }))
    })
  }

  /** With `--json`. */
  json(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.run([...args, '--json'], options)
  }

  dispose(): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}

function jsonLines(text: string): Record<string, unknown>[] {
  if (!text.startsWith('{')) return []
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
