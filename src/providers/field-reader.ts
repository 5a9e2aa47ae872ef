import { canonicalJson } from '../domain/fingerprint.ts'
import type { Json } from '../domain/json.ts'
import { cut } from '../domain/text.ts'
import { type FieldSchema, isBlank } from './schemas.ts'

/** A field that could not be read, under startlist's name for it. */
export interface Problem<F extends string> {
  field: F
  reason: string
  raw: string
}

/** What is kept of an unreadable value. */
const RAW_LENGTH = 500

/** Reads fields by their schemas and collects those that cannot be read, one problem a field (D2). */
export class FieldReader<F extends string> {
  readonly problems: Problem<F>[] = []

  /**
   * The first readable of several places where a field may stand, best first; places that say nothing are passed
   * over. Only when no place can be read, and one says something, the field is a problem and its value null.
   */
  read<T>(field: F, schema: FieldSchema<T>, ...places: (Json | undefined)[]): T | null {
    let unreadable: { reason: string; value: Json } | null = null
    for (const value of places) {
      if (value === undefined || isBlank(value)) continue
      const result = schema.safeParse(value)
      if (!result.success) unreadable ??= { reason: result.error.issues[0]!.message, value }
      else if (result.data !== null) return result.data
    }
    if (unreadable) this.note(field, unreadable.reason, unreadable.value)
    return null
  }

  /** Notes a field as unreadable; only the first problem of a field is kept. */
  note(field: F, reason: string, value: Json): void {
    if (this.problems.some((problem) => problem.field === field)) return
    this.problems.push({ field, reason, raw: rawText(value) })
  }
}

function rawText(value: Json): string {
  return cut(typeof value === 'string' ? value : canonicalJson(value), RAW_LENGTH)
}
