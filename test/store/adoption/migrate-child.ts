import { openDatabase } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'

/**
 * Migrates the database of DATABASE_URL, tells every unit before it begins, and dies at unit KILL_AT: before it where
 * KILL_AFTER_MS is empty, else so many milliseconds into it, if that is still running.
 */
const url = process.env.DATABASE_URL
if (url === undefined) throw new Error('DATABASE_URL is not set')
const { KILL_AT = '', KILL_AFTER_MS = '' } = process.env
const die = () => process.kill(process.pid, 'SIGKILL')

let units = 0
const db = openDatabase(url, { applicationName: 'migrate-child' })
const { applied } = await migrate(db, {
  async onUnit(step, { about }) {
    process.stdout.write(`${step}: ${about}\n`)
    if (String(++units) !== KILL_AT) return
    if (KILL_AFTER_MS !== '') setTimeout(die, Number(KILL_AFTER_MS))
    else await new Promise(() => die())
  },
})
await db.destroy()
process.stdout.write(`applied ${applied.length}\n`)
