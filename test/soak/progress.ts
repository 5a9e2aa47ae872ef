import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** How far a suite has come. */
export interface SuiteProgress {
  /** The first seed that was not played yet. */
  next: number
  passed: number
  failed: number[]
}

/** What is kept between runs, so that a soak that was cut off goes on where it was. */
export class Progress {
  readonly #path: string
  readonly #suites: Record<string, SuiteProgress>

  constructor(path: string) {
    this.#path = path
    this.#suites = read(path)
  }

  of(suite: string): SuiteProgress {
    return this.#suites[suite] ?? { next: 1, passed: 0, failed: [] }
  }

  keep(suite: string, progress: SuiteProgress): void {
    this.#suites[suite] = progress
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#suites, null, 2)}\n`)
    renameSync(`${this.#path}.new`, this.#path)
  }
}

function read(path: string): Record<string, SuiteProgress> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, SuiteProgress>
  } catch {
    return {}
  }
}
