/** What decisions of a person, or of an agreeing sweep, leave behind: holds that were decided, runs to take back. */
export const decisionTables: readonly string[] = [
  `ALTER TABLE holds
    -- From when an agreeing sweep counts its six hours (A2): opened_at, unless the hold grew or was opened again.
    ADD COLUMN IF NOT EXISTS agree_from timestamptz`,
  `ALTER TABLE sync_history
    -- The hold that this run applied, so that undoing the run opens it again.
    ADD COLUMN IF NOT EXISTS hold_id bigint REFERENCES holds ON DELETE SET NULL`,
]
