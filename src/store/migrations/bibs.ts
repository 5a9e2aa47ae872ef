/** What a person says of an event's bibs, beside whose count. */
export const bibTables: readonly string[] = ['haku_events', 'runsignup_events'].map(
  (table) => `ALTER TABLE ${table}
    -- Bibs that belong to the event, such as 1-999,2000-2999; null means any.
    ADD COLUMN IF NOT EXISTS bib_ranges text`,
)
