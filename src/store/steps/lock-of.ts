/** Locks of PostgreSQL that a statement takes on a table, weakest first. */
export const LOCKS = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type Lock = (typeof LOCKS)[number]

/** The strongest lock that a statement takes, and the tables on which it takes it. */
export interface Locked {
  /** Null for none that anybody could meet. */
  lock: Lock | null
  /** In the order in which they are locked. */
  tables: readonly string[]
}

const NAME = '(?:ONLY\\s+)?([\\w.]+)'
/** First match counts. Groups are table names, or lists of them. */
const FORMS: readonly (readonly [form: RegExp, lock: Lock])[] = [
  [/^DROP INDEX CONCURRENTLY/, 'SHARE UPDATE EXCLUSIVE'],
  [/^LOCK TABLE ([\w., ]+) IN ACCESS EXCLUSIVE MODE/, 'ACCESS EXCLUSIVE'],
  [new RegExp(`^ALTER TABLE ${NAME}\\s+VALIDATE CONSTRAINT`), 'SHARE UPDATE EXCLUSIVE'],
  [
    new RegExp(
      `^ALTER TABLE ${NAME}\\s+ADD (?:CONSTRAINT \\w+ )?FOREIGN KEY \\([^)]*\\)\\s+REFERENCES ([\\w.]+)`,
    ),
    'SHARE ROW EXCLUSIVE',
  ],
  [new RegExp(`^ALTER TABLE ${NAME}`), 'ACCESS EXCLUSIVE'],
  [
    new RegExp(`^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(?:\\w+ )?ON ${NAME}`),
    'SHARE UPDATE EXCLUSIVE',
  ],
  [new RegExp(`^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(?:\\w+)?\\s+ON ${NAME}`), 'SHARE'],
  [new RegExp(`^CREATE OR REPLACE TRIGGER [\\s\\S]*?\\sON ${NAME}`), 'SHARE ROW EXCLUSIVE'],
  [new RegExp(`^(?:CREATE|DROP) (?:POLICY|TRIGGER) (?:IF EXISTS )?"?\\w+"? ON ${NAME}`), 'ACCESS EXCLUSIVE'],
  [/^DROP (?:TABLE|VIEW) ([\w., ]+)$/, 'ACCESS EXCLUSIVE'],
  [/^(?:CREATE OR REPLACE|DROP|ALTER) VIEW (?:IF EXISTS )?([\w."]+)/, 'ACCESS EXCLUSIVE'],
  [/^(?:INSERT INTO|UPDATE|DELETE FROM) ([\w.]+)/, 'ROW EXCLUSIVE'],
]
const REFERENCES = /\bREFERENCES ([\w.]+)/g

/** Reads the lock off a statement of ours: SQL as this project writes it, not SQL in general. */
export function lockOf(text: string): Locked {
  const code = text.replaceAll(/--.*$/gm, '').trim()
  for (const [form, lock] of FORMS) {
    const match = form.exec(code)
    if (match === null) continue
    const named = match.slice(1).flatMap((list) => list.split(',').map((name) => name.trim()))
    // A new column's foreign key locks the table it points to as well, though less.
    const others = lock === 'ACCESS EXCLUSIVE' ? referenced(code) : []
    return { lock, tables: [...new Set([...named, ...others])] }
  }
  if (code.startsWith('WITH')) return { lock: 'ROW EXCLUSIVE', tables: [...new Set(written(code))] }
  const tables = code.startsWith('CREATE TABLE') ? [...new Set(referenced(code))] : []
  return { lock: tables.length > 0 ? 'SHARE ROW EXCLUSIVE' : null, tables }
}

const referenced = (code: string): string[] => [...code.matchAll(REFERENCES)].map((match) => match[1]!)

const written = (code: string): string[] =>
  [...code.matchAll(/\b(?:INSERT INTO|UPDATE|DELETE FROM) ([\w.]+)/g)]
    .map((match) => match[1]!)
    .filter((name) => name !== 'SET')
