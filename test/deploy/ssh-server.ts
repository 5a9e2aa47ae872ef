import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** An sshd on this machine's loopback that lets one key in. */
export interface SshServer {
  /** What a deploy is told to reach it. */
  options: string[]
  stop(): void
}

const SSHD = '/usr/sbin/sshd'

/** @param env of every session; without a stand-in it is the machine's own */
export async function startSshServer(root: string, env: Record<string, string>): Promise<SshServer> {
  const at = join(root, 'ssh')
  mkdirSync(at, { mode: 0o700 })
  const file = (name: string) => join(at, name)
  for (const key of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)])
  const port = await freePort()
  writeFileSync(file('authorized'), readFileSync(file('client.pub')))
  writeFileSync(file('known'), `[127.0.0.1]:${port} ${readFileSync(file('host.pub'), 'utf8')}`)
  const settings = [
    ...['ListenAddress 127.0.0.1', `Port ${port}`, `HostKey ${file('host')}`],
    ...[`AuthorizedKeysFile ${file('authorized')}`, 'StrictModes no', 'UsePAM no', 'PidFile none'],
    `SetEnv ${Object.entries(env)
      .map(([name, value]) => `${name}="${value}"`)
      .join(' ')}`,
  ]
  writeFileSync(file('sshd_config'), `${settings.join('\n')}\n`)
  const client = [
    `IdentityFile ${file('client')}`,
    `UserKnownHostsFile ${file('known')}`,
    'IdentitiesOnly yes',
  ]
  writeFileSync(file('config'), `${client.join('\n')}\n`)
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const server = spawn(SSHD, ['-D', '-e', '-f', file('sshd_config')], { stdio: 'ignore' })
  await pause(500)
  return {
    options: [
      '--host',
      '127.0.0.1',
      '--user',
      userInfo().username,
      '--ssh-port',
      String(port),
      '--ssh-config',
      file('config'),
    ],
    stop: () => void server.kill(),
  }
}
