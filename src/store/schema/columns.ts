import type { ColumnType } from 'kysely'
import type { Json } from '../../domain/json.ts'

/** timestamptz: read as `2026-05-02T11:00:00.123456Z`; written as ISO text with a zone, or a Date. */
export type Instant = ColumnType<string, string | Date, string | Date>
export type InstantOrNull = ColumnType<string | null, string | Date | null | undefined, string | Date | null>
export type InstantDefault = ColumnType<string, string | Date | undefined, string | Date>
/** timestamp without a zone, for legacy readers: text both ways, since a Date would be written in the process's zone. */
export type Naive = string | null
export type NaiveDefault = ColumnType<string | null, string | null | undefined, string | null>
/** jsonb: written as text, since `pg` would make a PostgreSQL array of a JavaScript one. */
export type JsonbOrNull<T extends Json = Json> = ColumnType<
  T | null,
  string | null | undefined,
  string | null
>
export type JsonbDefault<T extends Json = Json> = ColumnType<T, string | undefined, string>
/** numeric: text, so that money keeps its cents. */
export type NumericOrNull = ColumnType<
  string | null,
  string | number | null | undefined,
  string | number | null
>

/** A column of a view. */
export type ReadOnly<T> = ColumnType<T, never, never>
