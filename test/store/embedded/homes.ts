import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, afterEach, beforeEach, inject } from 'vitest'
import { findPlace } from '../../../src/store/embedded/place.ts'
import { findPostmaster, type Postmaster } from '../../../src/store/embedded/server.ts'
import { openEmbedded, stopEmbedded } from '../../../src/store/embedded.ts'
import { HOME_PREFIX } from '../../helpers/names.ts'

const SCRIPT = join(import.meta.dirname, 'embedded-child.ts')

/** The homes of one file of tests: a fresh one for each, that is stopped and removed after it. */
export class Homes {
  /** Everybody may enter it. */
  top = ''
  home = ''
  /** Killed after the test. */
  children: ChildProcess[] = []
  #made: string | null = null

  constructor() {
    beforeEach(() => {
      this.top = makeTop()
      this.home = join(this.top, 'home')
      this.children = []
    })
    afterEach(async () => {
      for (const child of this.children) child.kill('SIGKILL')
      await stopEmbedded(this.home)
      rmSync(this.top, { recursive: true, force: true })
    })
    afterAll(() => {
      if (this.#made !== null) rmSync(this.#made, { recursive: true, force: true })
    })
  }

  /** Makes the home one that has been used before: what is made at first use is made once, and copied. */
  async used(): Promise<void> {
    if (this.#made === null) {
      const made = makeTop()
      this.#made = made
      await (await openEmbedded(join(made, 'home'), { fast: true })).release()
      // Each takes a port of its own.
      rmSync(join(made, 'home/postgres.port'))
    }
    execFileSync('cp', ['-a', join(this.#made, 'home'), this.home])
  }

  /** The home's server, if it runs. */
  readonly postmaster = (): Postmaster | null => {
    const place = findPlace(this.home)
    return place && findPostmaster(place)
  }

  /** A real process that has opened the home. */
  async user(options: { uid?: number; belowRoot?: string } = {}) {
    const ids = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
    const args = ['--disable-warning=ExperimentalWarning', SCRIPT, this.home, options.belowRoot ?? '']
    const child = spawn(process.execPath, args, {
      ...ids,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    this.children.push(child)
    const errors: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('exit', (code) => reject(new Error(`the child ended with ${code}: ${errors.join('')}`)))
    })
    return {
      url,
      pid: child.pid!,
      async order(word: 'release' | 'exit' | 'throw') {
        child.stdin.write(`${word}\n`)
        await once(child, 'exit')
      },
      async kill(signal: NodeJS.Signals, group = false) {
        const gone = once(child, 'exit')
        process.kill(group ? -child.pid! : child.pid!, signal)
        await gone
      },
    }
  }
}

function makeTop(): string {
  const top = realpathSync(mkdtempSync(join(inject('scratch'), `${HOME_PREFIX}${process.pid}-`)))
  chmodSync(top, 0o755)
  return top
}

/** The first value of the first row. */
export async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' })
    return (rows[0] as unknown[] | undefined)?.[0]
  } finally {
    await client.end()
  }
}
