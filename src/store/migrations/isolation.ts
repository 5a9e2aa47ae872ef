import { isolated } from '../isolation/policies.ts'

/**
 * One timing partner's rows apart from another's, by the database itself (I1), and what API tokens and keys need. No
 * statement names a role: roles belong to the server and not to the database, and a backup has to fit into any server.
 */
export const isolation: readonly string[] = [
  `CREATE OR REPLACE FUNCTION startlist.tenant() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('startlist.tenant', true), '')::integer`,
  // A worker may become a tenant, and is none by itself. Where the roles are missing, nobody is one.
  `CREATE OR REPLACE FUNCTION startlist.is_tenant() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN EXISTS (SELECT FROM pg_roles WHERE rolname = 'startlist_api' AND pg_has_role(oid, 'USAGE'))
      AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'startlist_worker' AND pg_has_role(oid, 'USAGE'))`,
  // Accounts whose events the tenant receives (S1). As the owner, so that a reader of one table of ours needs no right
  // on the credentials.
  `CREATE OR REPLACE FUNCTION startlist.tenant_accounts() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog AS $$
      SELECT coalesce(array_agg(account_id), '{}') FROM public.partner_provider_credentials
      WHERE timing_partner_id = startlist.tenant() AND account_id IS NOT NULL
        AND state = 'Ready' AND proven_at IS NOT NULL
    $$`,

  // What may be told of a credential without a right on its secret and its settings.
  `ALTER TABLE partner_provider_credentials
    ADD COLUMN IF NOT EXISTS organization text GENERATED ALWAYS AS (additional_config->>'organization_name') STORED,
    ADD COLUMN IF NOT EXISTS has_secret boolean GENERATED ALWAYS AS (secret IS NOT NULL) STORED`,
  // A change of the key under way: each key sealed with the other, so that a process with either opens everything.
  `CREATE TABLE IF NOT EXISTS startlist.key_rotation (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    old_id text NOT NULL,
    new_id text NOT NULL,
    old_sealed text NOT NULL,
    new_sealed text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT startlist.clock()
  )`,
  'ALTER TABLE api_tokens ADD COLUMN IF NOT EXISTS last_used_at timestamptz',
  'CREATE INDEX IF NOT EXISTS api_tokens_partner ON api_tokens (timing_partner_id)',

  ...[
    'timing_partners',
    'partner_provider_credentials',
    'haku_events',
    'haku_participants',
    'runsignup_races',
    'runsignup_events',
    'runsignup_participants',
    'sync_queue',
    'sync_history',
    'partner_sync',
    'participant_changes',
    'rejected_records',
  ].flatMap((table) => isolated(table, 'partner')),
  ...['accounts', 'sync_state', 'api_calls', 'holds'].flatMap((table) => isolated(table, 'account')),
  ...isolated('providers', 'everyone'),

  // A view asks for its owner's rights, who sees all rows, unless it says otherwise.
  ...['lists', 'list_events', 'list_participants'].map(
    (view) => `ALTER VIEW startlist.${view} SET (security_invoker = true)`,
  ),
]
