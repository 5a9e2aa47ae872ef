/** What alerts remember: those that are open, when each rule was looked at, and messages that wait for delivery. */
export const alertTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS alert_rules (
    rule text PRIMARY KEY,
    looked_at timestamptz NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS alerts (
    alert_key text PRIMARY KEY,
    rule text NOT NULL,
    message text NOT NULL,
    hint text NOT NULL,
    since timestamptz NOT NULL,
    -- When its rule last called for it, and when people were last told.
    seen_at timestamptz NOT NULL,
    told_at timestamptz NOT NULL,
    resolved_at timestamptz
  )`,
  `CREATE INDEX IF NOT EXISTS alerts_open ON alerts (rule) WHERE resolved_at IS NULL`,
  `CREATE TABLE IF NOT EXISTS alert_messages (
    -- The same at every try, so that a receiver can tell a repetition.
    message_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel text NOT NULL,
    message jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    try_at timestamptz NOT NULL,
    delivered_at timestamptz
  )`,
  `CREATE INDEX IF NOT EXISTS alert_messages_due ON alert_messages (channel, try_at) WHERE delivered_at IS NULL`,
  'CREATE INDEX IF NOT EXISTS alert_messages_made ON alert_messages (made_at)',
]
