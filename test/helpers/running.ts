import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../bin/startlist', import.meta.url))
const PATIENCE_MS = 40_000

type Line = Record<string, unknown>

/** A real `startlist run`, whose log lines can be waited for. */
export interface Running {
  pid: number
  /** Where it listens; null with `--no-api`. */
  port: number | null
  /** Its log so far. */
  lines: readonly Line[]
  /** The first line, from `after` on, that is wanted. */
  line(wanted: (line: Line) => boolean, after?: number): Promise<Line>
  get(path: string, init?: RequestInit): Promise<Response>
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or null after a signal that it could not catch. */
  ended: Promise<number | null>
}

const children = new Set<ChildProcess>()

/** Kills those that are still there: for the end of a test. */
export function killRuns(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** Starts one and waits until it takes turns. */
export async function startRun(env: Record<string, string>, args: readonly string[] = []): Promise<Running> {
  const child = spawn(PROGRAM, ['run', ...args], {
    env: { PATH: process.env.PATH ?? '', STARTLIST_LOG_LEVEL: 'debug', ...env },
    cwd: tmpdir(),
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  children.add(child)
  child.once('close', () => children.delete(child))
  const running = follow(child)
  const began = await running.line((line) => line.msg === 'run began')
  return {
    ...running,
    port: began.port as number | null,
    get: (path, init) => fetch(`http://127.0.0.1:${began.port}${path}`, init),
  }
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line)
  } catch {
    throw new Error(`no log line: ${line}`)
  }
}

function follow(child: ChildProcess): Omit<Running, 'port' | 'get'> {
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n')
    rest = whole.pop() ?? ''
    // A line that is no JSON fails the test here: a log collector would stumble over it as well.
    lines.push(...whole.map(parsed))
    for (const look of waiting) look()
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    line: (wanted, after = 0) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer)
          waiting.delete(look)
          act()
        }
        const timer = setTimeout(
          () => settle(() => reject(new Error(`no such line: ${JSON.stringify(lines)}`))),
          PATIENCE_MS,
        )
        const look = () => {
          const found = lines.slice(after).find(wanted)
          if (found !== undefined) settle(() => resolve(found))
        }
        waiting.add(look)
        void ended.then(() => settle(() => reject(new Error(`it ended: ${JSON.stringify(lines)}`))))
        look()
      }),
  }
}
