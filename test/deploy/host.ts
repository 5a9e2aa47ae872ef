import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

/** What a command did. */
export interface Done {
  code: number
  /** standard output and standard error */
  text: string
}

/**
 * A host to deploy to: a directory that stands for `/`, where systemctl and `npm ci` are stand-ins and all else is
 * real; and a clone to deploy from.
 */
export class Host {
  readonly root = mkdtempSync(join(tmpdir(), 'startlist-host-'))
  readonly target = join(this.root, 'opt/startlist')
  readonly clone = join(this.root, 'clone')
  readonly port: number

  private constructor(port: number) {
    this.port = port
  }

  /** @param settings lines of its `startlist.env`; credentials are files */
  static async make(settings: Record<string, string>, credentials: Record<string, string>): Promise<Host> {
    const host = new Host(await freePort())
    const etc = join(host.root, 'etc/startlist')
    mkdirSync(join(etc, 'credentials'), { recursive: true })
    writeFileSync(
      join(etc, 'startlist.env'),
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    for (const [name, value] of Object.entries(credentials))
      writeFileSync(join(etc, 'credentials', name), value)
    await host.#git(['clone', '--quiet', '--no-hardlinks', ROOT, host.clone], tmpdir())
    await host.takeOver(ROOT)
    return host
  }

  /** Commits the files of a work tree as they are, so that what is tested is what is being written. */
  async takeOver(tree: string): Promise<void> {
    const { stdout } = await execute('git', ['-C', tree, 'ls-files', '-com', '--exclude-standard', '-z'])
    for (const path of new Set(
      stdout.split('\0').filter((name) => name !== '' && existsSync(join(tree, name))),
    ))
      await execute('cp', ['--parents', '-P', path, this.clone], { cwd: tree })
    await this.commit('Take over the work tree')
  }

  /** A new commit, whatever it contains. */
  async commit(subject: string): Promise<void> {
    await this.#git(['add', '--all'])
    await this.#git(['commit', '--quiet', '--allow-empty', '-m', subject])
  }

  /** Changes a file of the clone, and commits it. */
  async change(path: string, edit: (text: string) => string): Promise<void> {
    const file = join(this.clone, path)
    writeFileSync(file, edit(readFileSync(file, 'utf8')))
    await this.commit(`Change ${path}`)
  }

  deploy(...args: string[]): Promise<Done> {
    const standard = ['--local', '--path', this.target, '--port', String(this.port)]
    return this.#run(join(this.clone, 'deploy_haku_integration.sh'), [...standard, ...args])
  }

  systemctl(...args: string[]): Promise<Done> {
    return this.#run('systemctl', args)
  }

  /** startlist as its operator would call it there. */
  startlist(env: Record<string, string>, ...args: string[]): Promise<Done> {
    return this.#run(join(this.target, 'current/bin/startlist'), args, env)
  }

  /** The release that a link points to; null for none. */
  release(link: 'current' | 'previous'): string | null {
    try {
      return basename(readlinkSync(join(this.target, link)))
    } catch {
      return null
    }
  }

  /** What the service manager was told so far. */
  get calls(): string[] {
    const file = join(this.root, 'systemctl.calls')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }

  async dispose(): Promise<void> {
    await this.systemctl('stop', 'startlist.service')
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }

  #run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Done> {
    const PATH = `${join(ROOT, 'test/deploy/bin')}:${process.env.PATH}`
    const INSTALLED = join(ROOT, 'node_modules')
    return run(program, args, { PATH, HOME: this.root, DESTDIR: this.root, INSTALLED, ...env })
  }

  #git(args: readonly string[], cwd = this.clone): Promise<unknown> {
    const who = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.test']
    return execute('git', [...who, ...args], { cwd })
  }
}

/** The deploy script of this work tree, for what it says before it does anything. */
export function runScript(args: readonly string[]): Promise<Done> {
  return run(join(ROOT, 'deploy_haku_integration.sh'), args, { PATH: process.env.PATH ?? '' })
}

async function run(program: string, args: readonly string[], env: Record<string, string>): Promise<Done> {
  try {
    const { stdout, stderr } = await execute(program, args, {
      env,
      cwd: tmpdir(),
      maxBuffer: 16 * 1024 * 1024,
    })
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: `${stdout}${stderr}` }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
