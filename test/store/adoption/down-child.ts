import { openDatabase } from '../../../src/store/database.ts'
import { migrateDown } from '../../../src/store/migrate-down.ts'

/** Takes the adoption of DATABASE_URL back, tells each statement before it is run, and dies before number KILL_AT. */
const url = process.env.DATABASE_URL
if (url === undefined) throw new Error('DATABASE_URL is not set')

let statements = 0
const db = openDatabase(url, { applicationName: 'down-child' })
await migrateDown(db, {
  key: Buffer.alloc(32, 5).toString('base64'),
  accept: new Set(),
  async onStatement({ sql }) {
    process.stdout.write(`${++statements}: ${sql.slice(0, 60).replaceAll('\n', ' ')}\n`)
    if (String(statements) === process.env.KILL_AT)
      await new Promise(() => process.kill(process.pid, 'SIGKILL'))
  },
})
await db.destroy()
