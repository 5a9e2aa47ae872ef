import { spawn } from 'node:child_process'
import { StartlistError } from '../../domain/errors.ts'

/** PostgreSQL's own programs for backups: they come with its client package, not with startlist. */
export type Tool = 'pg_dump' | 'pg_restore'

/** What of our environment a tool needs to see. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'PGSSLROOTCERT', 'PGSSLMODE'] as const

/** Where a tool finds the database: in its environment, for every user of a machine can read arguments. */
function environmentOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const ssl = searchParams.get('sslmode')
  const passed = PASSED_ON.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  )
  return {
    ...Object.fromEntries(passed),
    PGHOST: hostname.replace(/^\[|\]$/g, ''),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...(ssl === null ? {} : { PGSSLMODE: ssl }),
  }
}

/**
 * Runs a tool against a database.
 * @returns its standard output
 * @throws StartlistError TOOL_MISSING when it is not installed, TOOL_FAILED with its last line when it fails
 */
export async function runTool(tool: Tool, args: readonly string[], url?: string): Promise<string> {
  const env = url === undefined ? { PATH: process.env.PATH ?? '' } : environmentOf(url)
  const child = spawn(tool, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new StartlistError('TOOL_MISSING', `${tool} is not installed on this machine`)
          : new StartlistError('TOOL_FAILED', `${tool} cannot be run (${error.code ?? 'unknown'})`),
      ),
    )
    child.on('close', resolve)
  })
  if (code === 0) return stdout
  // Its messages name tables and settings; a row that it quotes stands behind DETAIL.
  const line = stderr.split('\n').findLast((text) => text.trim() !== '' && !text.startsWith('DETAIL'))
  throw new StartlistError('TOOL_FAILED', `${tool} failed: ${line ?? `exit code ${code}`}`)
}

/** @returns the tool's major version. @throws StartlistError TOOL_MISSING */
export async function majorOf(tool: Tool): Promise<number> {
  return Number(/\) (\d+)/.exec(await runTool(tool, ['--version']))?.[1] ?? 0)
}
