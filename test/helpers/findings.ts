import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { runTool } from '../../src/store/backup/tools.ts'
import type { TestDatabase } from './database.ts'

/** A text as it may appear: as it is, escaped, encoded, and either of them amid the base64 of more. */
export function formsOf(text: string): string[] {
  const plain = [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    new URLSearchParams([['', text]]).toString().slice(1),
  ]
  return [...plain, Buffer.from(text).toString('hex'), ...plain.flatMap(inBase64)]
}

/** What stays of a text in base64 wherever it begins: at each of the three places of a group. */
function inBase64(text: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
    const whole = bytes.toString('base64')
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** What was found where, to look through for what must not be there. */
export class Findings {
  readonly #places = new Map<string, string>()

  keep(place: string, content: string): void {
    this.#places.set(place, this.at(place) + content)
  }

  places(): string[] {
    return [...this.#places.keys()]
  }

  at(place: string): string {
    return this.#places.get(place) ?? ''
  }

  /** The places in which a text stands, in whatever form. */
  whereIs(text: string): string[] {
    const forms = formsOf(text)
    return this.places().filter((place) => forms.some((form) => this.at(place).includes(form)))
  }

  /** Arguments of every process of this machine, as any user sees them. */
  keepProcesses(): void {
    this.keep('process list', execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }))
  }

  /** Every value of every table, and a dump. */
  async keepDatabase({ db, url }: TestDatabase): Promise<void> {
    const { rows: tables } = await sql<{ name: string }>`
      SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`.execute(db)
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.raw(name)} t`.execute(db)
      this.keep(`table ${name}`, rows.map(({ row }) => row).join('\n'))
    }
    // Where the tool is installed. Without it the tables have been looked through all the same.
    this.keep('pg_dump', await runTool('pg_dump', [], url).catch(() => ''))
  }

  keepFiles(directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
      if (entry.isFile())
        this.keep(`file ${entry.name}`, readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  }
}
