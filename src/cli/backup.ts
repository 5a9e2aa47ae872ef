import { resolve } from 'node:path'
import { loadConfig } from '../config.ts'
import { registerSecret } from '../observe/scrub.ts'
import { restore as restoreBackup, backup as takeBackup } from '../store/backup/backup.ts'
import type { Command } from './cli.ts'
import { openServer, withSession } from './session.ts'

interface FileOption {
  file: string
}

/** `backup FILE`: the whole database in `pg_dump`'s custom format, and FILE.json that proves a restore. */
export const backup: Command<FileOption> = (cli, { file }) =>
  withSession(cli, { schema: 'any' }, async ({ db, url }) => {
    const { rows, bytes, sha256, takenAt } = await takeBackup(db, url, resolve(file))
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
    cli.out.record({
      kind: 'backup',
      file,
      takenAt,
      bytes,
      sha256,
      tables: Object.keys(rows).length,
      rows: total,
    })
    cli.out.line(
      `${file}: ${total} rows in ${Object.keys(rows).length} tables, ${Math.ceil(bytes / 1024)} kB.`,
    )
    cli.out.line(
      'Keep STARTLIST_KEY apart from it: without the key its secrets cannot be opened, with it they can.',
    )
    return 0
  })

/** `restore FILE`: into an empty database, all or nothing, compared row count by row count. */
export const restore: Command<FileOption> = async (cli, { file }) => {
  const config = loadConfig()
  const { url, release } = await openServer(config)
  registerSecret(URL.parse(url)?.password ?? '')
  try {
    const { rows, takenAt } = await restoreBackup(url, resolve(file))
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
    cli.out.record({ kind: 'restore', file, takenAt, tables: Object.keys(rows).length, rows: total })
    cli.out.line(
      `${total} rows in ${Object.keys(rows).length} tables, as they were at ${takenAt}: all there.`,
    )
    cli.out.line(
      'What was called since is not in its ledger, so each account waits an hour. Then prove it by one poll:',
    )
    cli.out.line('  startlist sync --event ID --wait')
    return 0
  } finally {
    await release()
  }
}
