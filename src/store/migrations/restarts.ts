/** What has to be known after a process was killed, or the database server came back with less than it had confirmed. */
export const restartMarks: readonly string[] = [
  `ALTER TABLE sync_state
    -- The last sweep finished while its list moved: what jumped to the head meanwhile has still to be read (W1).
    ADD COLUMN IF NOT EXISTS head_owed boolean NOT NULL DEFAULT false,
    -- How far that look has come.
    ADD COLUMN IF NOT EXISTS head_pass jsonb`,
  `ALTER TABLE lanes
    -- When the server started on which the lane was taken: on another one a commit may be missing (N1).
    ADD COLUMN IF NOT EXISTS server_started_at timestamptz`,
]
