/** How much of what changes an account's lists hide (F4): single reads of unchanged rows, and those that found a change. */
export const blindness: readonly string[] = [
  `ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS reread float8 NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS reread_blind float8 NOT NULL DEFAULT 0`,
]
