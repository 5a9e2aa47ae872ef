import type { Part, PartOf } from '../adoption/shape.ts'
import { spellings } from '../adoption/spelling.ts'

/** Parts by kind and table. */
export class Shape {
  readonly parts: readonly Part[]
  #byKey: ReadonlyMap<string, Part>

  constructor(parts: readonly Part[]) {
    this.parts = parts
    this.#byKey = new Map(parts.map((part) => [keyOf(part), part]))
  }

  /** Those of one kind, of one table where given. */
  all<K extends Part['kind']>(kind: K, table?: string): PartOf<K>[] {
    return this.parts.filter(
      (part): part is PartOf<K> => part.kind === kind && (table === undefined || part.table === table),
    )
  }

  find<K extends Part['kind']>(kind: K, table: string, name: string): PartOf<K> | undefined {
    return this.#byKey.get(keyOf({ kind, table, name })) as PartOf<K> | undefined
  }

  hasTable(name: string): boolean {
    return this.find('table', name, name) !== undefined
  }

  hasColumn(table: string, name: string): boolean {
    return this.find('column', table, name) !== undefined
  }
}

export const keyOf = ({ kind, table, name }: Pick<Part, 'kind' | 'table' | 'name'>): string =>
  `${kind} ${table} ${name}`

/** Names of columns now and then: adoption renamed a few, and kept the old name in a second column. */
export class Names {
  /** By `table.name of then`. */
  #now = new Map<string, string>()
  /** By `table.name of now`. */
  #was = new Map<string, string>()

  constructor(was: Shape, now: Shape) {
    for (const { table, column, other } of spellings) {
      if (!was.hasColumn(table, other) || was.hasColumn(table, column) || !now.hasColumn(table, column))
        continue
      this.#now.set(`${table}.${other}`, column)
      this.#was.set(`${table}.${column}`, other)
    }
  }

  now(table: string, column: string): string {
    return this.#now.get(`${table}.${column}`) ?? column
  }

  /** What a column of now was called then; null where it is not one of then's. */
  was(table: string, column: string): string | null {
    const name = this.#was.get(`${table}.${column}`)
    return name ?? (this.#now.has(`${table}.${column}`) ? null : column)
  }

  /** A definition of now in the names of then. One that is told apart wrongly is made anew, and nothing worse. */
  definitionThen(table: string, definition: string): string {
    return definition.replaceAll(/(?<!')\b\w+\b(?!')/g, (word) => this.#was.get(`${table}.${word}`) ?? word)
  }

  renamed(table: string): { was: string; now: string }[] {
    return [...this.#was]
      .filter(([name]) => name.startsWith(`${table}.`))
      .map(([name, was]) => ({ was, now: name.slice(table.length + 1) }))
  }
}
