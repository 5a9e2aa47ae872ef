import { isolated } from '../isolation/policies.ts'

/** The change feed for those who read it: a view, marks in it, and webhooks that carry it. */
export const feedTables: readonly string[] = [
  `ALTER TABLE partner_sync
    -- Entries up to this position were purged: who has read less far has to begin anew.
    ADD COLUMN IF NOT EXISTS feed_purged bigint NOT NULL DEFAULT 0`,
  // What an earlier release purged.
  `UPDATE partner_sync p SET feed_purged = greatest(feed_purged, coalesce(
      (SELECT min(position) - 1 FROM participant_changes c WHERE c.provider = p.provider
        AND c.timing_partner_id = p.timing_partner_id AND c.event_id = p.event_id), feed_position))
    WHERE feed_position > 0`,

  // A row per change, by list and position. A registration's number has another type at each provider; compared as it
  // is, so that its index is used.
  `CREATE OR REPLACE VIEW startlist.changes AS
    SELECT c.provider, c.timing_partner_id, c.event_id AS list_id,
      CASE WHEN c.provider = 'runsignup' THEN coalesce(p.event_id, c.fields #>> '{event_id,1}', c.fields #>> '{event_id,0}')
        ELSE c.event_id END AS event_id,
      c.position, c.participant_id, c.change, c.fields, c.source_updated_at, c.seen_at, c.run_id,
      p.first_name, p.last_name, p.bib_number
    FROM participant_changes c
    LEFT JOIN LATERAL (
      SELECT h.event_id, h.first_name, h.last_name, h.bib_number FROM haku_participants h
      WHERE c.provider = 'haku' AND h.event_id = c.event_id AND h.participant_id = c.participant_id
        AND h.timing_partner_id = c.timing_partner_id
      UNION ALL
      SELECT r.event_id::text, r.first_name, r.last_name, r.bib_num FROM runsignup_participants r
      WHERE c.provider = 'runsignup' AND r.timing_partner_id = c.timing_partner_id
        AND r.race_id = CASE WHEN c.provider = 'runsignup' THEN c.event_id::bigint END
        AND r.registration_id = CASE WHEN c.provider = 'runsignup' THEN c.participant_id::bigint END
      LIMIT 1
    ) AS p ON true`,
  'ALTER VIEW startlist.changes SET (security_invoker = true)',

  `CREATE TABLE IF NOT EXISTS feed_marks (
    mark_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    -- The list, as in participant_changes.
    event_id text NOT NULL,
    name text NOT NULL,
    position bigint NOT NULL,
    made_at timestamptz NOT NULL,
    UNIQUE (timing_partner_id, provider, event_id, name)
  )`,

  `CREATE TABLE IF NOT EXISTS webhooks (
    webhook_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    url text NOT NULL,
    -- Sealed.
    secret text NOT NULL,
    -- Added by who runs startlist, and so allowed to be on this machine.
    may_be_local boolean NOT NULL,
    made_at timestamptz NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_reason text
  )`,
  'CREATE INDEX IF NOT EXISTS webhooks_partner ON webhooks (timing_partner_id)',
  // How far each feed has been made into deliveries.
  `CREATE TABLE IF NOT EXISTS webhook_cursors (
    webhook_id integer NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    provider text NOT NULL,
    event_id text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (webhook_id, provider, event_id)
  )`,
  // A delivery is a stretch of a feed: what is in it is read when it is sent, so that nobody is kept here a second time.
  `CREATE TABLE IF NOT EXISTS webhook_deliveries (
    -- The same at every try, so that a receiver can tell a repetition.
    delivery_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook_id integer NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    timing_partner_id integer NOT NULL REFERENCES timing_partners ON DELETE CASCADE,
    provider text NOT NULL,
    event_id text NOT NULL,
    after_position bigint NOT NULL,
    until_position bigint NOT NULL,
    made_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    try_at timestamptz NOT NULL,
    tried_at timestamptz,
    delivered_at timestamptz,
    given_up_at timestamptz,
    -- The last answer: its status, or why there was none.
    status integer,
    error text
  )`,
  `CREATE INDEX IF NOT EXISTS webhook_deliveries_due ON webhook_deliveries (webhook_id, try_at)
    WHERE delivered_at IS NULL AND given_up_at IS NULL`,
  'CREATE INDEX IF NOT EXISTS webhook_deliveries_made ON webhook_deliveries (webhook_id, made_at)',
  'CREATE INDEX IF NOT EXISTS webhook_deliveries_partner ON webhook_deliveries (timing_partner_id)',

  ...['feed_marks', 'webhooks', 'webhook_deliveries'].flatMap((table) => isolated(table, 'partner')),
]
