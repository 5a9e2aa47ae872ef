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
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import { type SshServer, startSshServer } from './ssh-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const STAND_INS = join(ROOT, 'test/deploy/bin')
const execute = promisify(execFile)

/** A synthetic key, for tests only. */
const KEY = Buffer.alloc(32, 5).toString('base64')

const serviceSettings = ({ apiUrl, tokenUrl }: { apiUrl: string; tokenUrl: string }) => ({
  HAKU_API_URL: apiUrl,
  HAKU_TOKEN_URL: tokenUrl,
  HAKU_MIN_SPACING_MS: '0',
  HAKU_QUOTA_PER_HOUR: '100000',
})

/** What a command did. */
export interface Done {
  code: number
  /** standard output and standard error */
  text: string
}

/**
 * A host to deploy to: a directory that stands for `/`, where systemctl is a stand-in, and a clone to deploy from. On
 * this machine `npm ci` is a stand-in too, so that it takes seconds; over ssh all the rest is real.
 */
export class Host {
  readonly root = mkdtempSync(join(tmpdir(), 'startlist-host-'))
  readonly target = join(this.root, 'opt/startlist')
  readonly clone = join(this.root, 'clone')
  readonly port: number
  #far: SshServer | null = null

  private constructor(port: number) {
    this.port = port
  }

  /** From here on deploys go over ssh, to a server on this machine's loopback. */
  async reachedBySsh(): Promise<void> {
    const { PATH, DESTDIR } = this.env
    // Where a registry is reached through a company's own certificate, the far side needs it too.
    const { NODE_EXTRA_CA_CERTS = '' } = process.env
    const withoutFast = PATH.replace(`${STAND_INS}/fast:`, '')
    this.#far = await startSshServer(this.root, { PATH: withoutFast, DESTDIR, NODE_EXTRA_CA_CERTS })
  }

  /** A host whose service is to use this database and this provider. */
  static async make(url: string, haku: { apiUrl: string; tokenUrl: string }): Promise<Host> {
    const host = new Host(await freePort())
    const etc = join(host.root, 'etc/startlist')
    mkdirSync(join(etc, 'credentials'), { recursive: true })
    const settings = Object.entries(serviceSettings(haku)).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(etc, 'startlist.env'), settings.join(''))
    writeFileSync(join(etc, 'credentials/DATABASE_URL'), url)
    writeFileSync(join(etc, 'credentials/STARTLIST_KEY'), KEY)
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
    const where = this.#far === null ? ['--local'] : this.#far.options
    const standard = [...where, '--path', this.target, '--port', String(this.port)]
    return this.#run(join(this.clone, 'deploy_haku_integration.sh'), [...standard, ...args])
  }

  systemctl(...args: string[]): Promise<Done> {
    return this.#run('systemctl', args)
  }

  /** startlist as its operator would call it there. */
  startlist(env: Record<string, string>, input: string, ...args: string[]): Promise<Done> {
    return this.#run(join(this.target, 'current/bin/startlist'), args, env, input)
  }

  /** What a person's shell there has set to work beside the service. */
  operatorsEnv(url: string, haku: { apiUrl: string; tokenUrl: string }): Record<string, string> {
    const home = { STARTLIST_HOME: join(this.root, 'var/lib/startlist') }
    const service = { ...serviceSettings(haku), DATABASE_URL: url, STARTLIST_KEY: KEY }
    return { ...home, ...service }
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => null)
    return answer?.status === 200
  }

  /** What a browser gets that asks for the dashboard. */
  async page(): Promise<{ status: number; type: string | null }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/`)
    return { status: answer.status, type: answer.headers.get('content-type') }
  }

  /** The release that a link points to; null for none. */
  release(link: 'current' | 'previous'): string | null {
    try {
      return basename(readlinkSync(join(this.target, link)))
    } catch {
      return null
    }
  }

  /** Puts a program of this name before the host's own, until it is taken away again. */
  standIn(name: string, script: string): () => void {
    const file = join(this.root, 'bin', name)
    mkdirSync(join(this.root, 'bin'), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return () => rmSync(file)
  }

  /** How often the service was started. */
  get restarts(): number {
    const file = join(this.root, 'systemctl.calls')
    const calls = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    return calls.filter((call) => call.startsWith('restart')).length
  }

  async dispose(): Promise<void> {
    await this.systemctl('stop', 'startlist.service')
    this.#far?.stop()
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }

  #run(
    program: string,
    args: readonly string[],
    env: Record<string, string> = {},
    input = '',
  ): Promise<Done> {
    return run(program, args, { ...this.env, ...env }, input)
  }

  /** Of every command on the host: the stand-ins come first. */
  get env() {
    const PATH = `${this.root}/bin:${STAND_INS}/fast:${STAND_INS}:${process.env.PATH}`
    // Its releases share this checkout's node_modules: what V8 makes of theirs would stay there for good.
    const NODE_COMPILE_CACHE = join(this.root, 'compiled')
    const INSTALLED = join(ROOT, 'node_modules')
    return { PATH, HOME: this.root, DESTDIR: this.root, INSTALLED, NODE_COMPILE_CACHE }
  }

  #git(args: readonly string[], cwd = this.clone): Promise<unknown> {
    const who = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.test']
    return execute('git', [...who, ...args], { cwd })
  }
}

/** The deploy script of this work tree, for what it says before it does anything. */
export function runScript(args: readonly string[]): Promise<Done> {
  return run(join(ROOT, 'deploy_haku_integration.sh'), args, { PATH: process.env.PATH ?? '' }, '')
}

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  input: string,
): Promise<Done> {
  const running = execute(program, args, { env, cwd: tmpdir(), maxBuffer: 16 * 1024 * 1024 })
  running.child.stdin?.on('error', () => {}).end(input)
  try {
    const { stdout, stderr } = await running
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: `${stdout}${stderr}` }
  }
}
