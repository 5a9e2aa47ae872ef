/** Indexes that keep a decision of the planner cheap however many events wait: it reads the heads of these alone. */
export const headIndexes: readonly string[] = [
  // First sweeps, in the order in which they are made: a backfill may have thousands waiting.
  `CREATE INDEX IF NOT EXISTS sync_state_first_sweep ON sync_state (account_id,
      (greatest(coalesce((pass #>> '{walk,distinct}')::int, 0), coalesce(listed, 0)) > 1000),
      (CASE WHEN (greatest(coalesce((pass #>> '{walk,distinct}')::int, 0), coalesce(listed, 0)) > 1000) THEN 0
        ELSE coalesce((pass #>> '{walk,page}')::int, 0) / 4 END),
      urgent_at, event_id)
    WHERE sweep_due_at IS NOT NULL AND complete_at IS NULL`,
  `CREATE INDEX IF NOT EXISTS sync_state_last_sweep ON sync_state (account_id, sweep_due_at)
    WHERE sweep_due_at IS NOT NULL AND complete_at IS NOT NULL AND due_at IS NULL`,
  `CREATE INDEX IF NOT EXISTS sync_state_next_sweep ON sync_state (account_id, sweep_due_at)
    WHERE sweep_due_at IS NOT NULL AND complete_at IS NOT NULL AND due_at IS NOT NULL`,
  'CREATE INDEX IF NOT EXISTS sync_state_near ON sync_state (account_id, urgent_at) WHERE due_at IS NOT NULL',
]
