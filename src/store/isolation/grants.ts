import { statement, together, type Unit } from '../steps/unit.ts'

/** Becomes whoever reads for one timing partner. Owns nothing, logs in nowhere, bypasses nothing. */
export const TENANT_ROLE = 'startlist_api'
/** For a login that syncs without owning the tables: it can change rows, and no policy. */
const WORKER_ROLE = 'startlist_worker'

/**
 * All that a tenant may read, each of it under a policy: whole tables and views, or some columns. Secrets, tokens,
 * hashes and who else shares an account are not in it. A table that is not named here is closed to tenants.
 */
export const TENANT_READS: Readonly<Record<string, 'all' | readonly string[]>> = {
  timing_partners: ['timing_partner_id', 'company_name', 'created_at', 'updated_at', 'timezone', 'cadence'],
  providers: 'all',
  partner_provider_credentials: [
    'partner_provider_credential_id',
    'provider_id',
    'timing_partner_id',
    'principal',
    'credential_type',
    'created_at',
    'updated_at',
    'account_id',
    'state',
    'state_reason',
    'state_since',
    'proven_at',
    'refusals',
    'last_success_at',
    'timezone',
    'organization',
    'has_secret',
  ],
  haku_events: 'all',
  haku_participants: 'all',
  runsignup_races: 'all',
  runsignup_events: 'all',
  runsignup_participants: 'all',
  sync_history: 'all',
  partner_sync: 'all',
  participant_changes: 'all',
  rejected_records: 'all',
  accounts: [
    'account_id',
    'provider',
    'principal',
    'traits',
    'paused_until',
    'pause_reason',
    'throttles',
    'observed_limit',
    'discovered_at',
    'discovered_whole_at',
    'created_at',
    'outages',
    'external_use',
    'quota_limit',
    'reserve',
    'discovery_asked_at',
    'discovery_tried_at',
    'last_turn_at',
    'next_turn_at',
  ],
  sync_state: 'all',
  api_calls: 'all',
  holds: 'all',
  'startlist.lists': 'all',
  'startlist.list_events': 'all',
  'startlist.list_participants': 'all',
}

/** Another database of the same server may make the roles, and grant them, at the same moment. */
const makeRole = (name: string) => `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN
      CREATE ROLE ${name} NOLOGIN;
    END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`

/** The owner of the tables becomes a tenant to read as one. Whoever runs this may be somebody else. */
const letBecomeTenant = `DO $$ DECLARE member text; BEGIN
    FOR member IN
      SELECT r.rolname FROM pg_roles r
      WHERE (r.oid = (SELECT relowner FROM pg_class WHERE oid = 'startlist.migrations'::regclass)
          OR r.rolname = '${WORKER_ROLE}')
        AND NOT r.rolsuper
        AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
          WHERE g.rolname = '${TENANT_ROLE}' AND m.member = r.oid AND NOT m.admin_option)
    LOOP
      EXECUTE format('GRANT ${TENANT_ROLE} TO %I', member);
    END LOOP;
  EXCEPTION WHEN unique_violation THEN NULL;
  END $$`

/** Rows of all tables that startlist works with, those that later steps make included. Jobs are the owner's: pg-boss makes tables. */
const letWork = `DO $$ DECLARE owner oid; place text; name text; BEGIN
    SELECT relowner INTO owner FROM pg_class WHERE oid = 'startlist.migrations'::regclass;
    FOR place IN SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'startlist') LOOP
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${WORKER_ROLE}', place);
      FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = place::regnamespace AND relowner = owner AND relkind IN ('r', 'p', 'v')
      LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO ${WORKER_ROLE}', place, name);
      END LOOP;
      FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = place::regnamespace AND relowner = owner AND relkind = 'S'
      LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO ${WORKER_ROLE}', place, name);
      END LOOP;
      EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${WORKER_ROLE}', pg_get_userbyid(owner), place);
      EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I
        GRANT USAGE ON SEQUENCES TO ${WORKER_ROLE}', pg_get_userbyid(owner), place);
    END LOOP;
  END $$`

const letRead = Object.entries(TENANT_READS).flatMap(([table, columns]) => [
  // What an earlier release let be read, and this one does not.
  `REVOKE ALL ON ${table} FROM ${TENANT_ROLE}`,
  `GRANT SELECT${columns === 'all' ? '' : ` (${columns.join(', ')})`} ON ${table} TO ${TENANT_ROLE}`,
])

/**
 * The roles, and what they may do. Not a step: the roles are the server's, and a backup brings no grants. Each
 * migration and each restore does it again, and an administrator may where startlist's own role has not the right.
 */
export const roles: Unit = together(
  'the roles that isolate timing partners',
  [
    makeRole(TENANT_ROLE),
    makeRole(WORKER_ROLE),
    letBecomeTenant,
    `GRANT USAGE ON SCHEMA startlist TO ${TENANT_ROLE}`,
    ...letRead,
    letWork,
  ].map((text) => statement(text)),
)
