import { steps } from '../migrations/index.ts'
import { SHADOWED } from '../shadow/tables.ts'
import { statement, together, type Unit } from '../steps/unit.ts'

/** Becomes whoever reads for one timing partner. Owns nothing, logs in nowhere, bypasses nothing. */
export const TENANT_ROLE = 'startlist_api'
/** For a login that syncs without owning the tables: it can change rows, and no policy. */
export const WORKER_ROLE = 'startlist_worker'

/**
 * All that a tenant may read, each of it under a policy: whole tables and views, or some columns. Secrets, tokens,
 * hashes and who else shares an account are not in it. A table that is not named here is closed to tenants.
 */
export const TENANT_READS: Readonly<Record<string, 'all' | readonly string[]>> = {
  timing_partners: [
    'timing_partner_id',
    'company_name',
    'created_at',
    'updated_at',
    'timezone',
    'cadence',
    'kept_parts',
    'retention_days',
  ],
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
    'reread',
    'reread_blind',
  ],
  sync_state: 'all',
  api_calls: 'all',
  holds: 'all',
  feed_marks: 'all',
  webhooks: [
    'webhook_id',
    'timing_partner_id',
    'url',
    'may_be_local',
    'made_at',
    'failing_since',
    'disabled_at',
    'disabled_reason',
  ],
  webhook_deliveries: 'all',
  'startlist.changes': 'all',
  'startlist.lists': 'all',
  'startlist.list_events': 'all',
  'startlist.list_participants': 'all',
  'startlist.start_lists': 'all',
  freezes: 'all',
  freeze_rows: 'all',
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

const MADE = /^CREATE (?:TABLE IF NOT EXISTS|OR REPLACE VIEW) ([\w.]+)/
/** What startlist's steps make: a database may have tables of others too. Jobs are the owner's, as pg-boss makes tables. */
export const ours: readonly string[] = [
  ...new Set(
    steps.flatMap(({ statements }) => statements.flatMap((text) => MADE.exec(text)?.slice(1) ?? [])),
  ),
]

/** Numbers of `serial` columns come from sequences of their own. */
const letCount = `DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT DISTINCT d.objid::regclass::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
      WHERE s.relkind = 'S' AND d.deptype = 'a'
        AND d.refobjid IN (SELECT to_regclass(t)::oid FROM unnest('{${ours.join(',')}}'::text[]) AS t)
    LOOP
      EXECUTE format('GRANT USAGE ON SEQUENCE %s TO ${WORKER_ROLE}', name);
    END LOOP;
  END $$`

const letWork = [
  `GRANT USAGE ON SCHEMA public, startlist TO ${WORKER_ROLE}`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ${ours.join(', ')} TO ${WORKER_ROLE}`,
  // Which steps are done it may know, and not say.
  `GRANT SELECT ON startlist.migrations TO ${WORKER_ROLE}`,
  letCount,
]

const letRead = Object.entries(TENANT_READS).flatMap(([table, columns]) => [
  // What an earlier release let be read, and this one does not.
  `REVOKE ALL ON ${table} FROM ${TENANT_ROLE}`,
  `GRANT SELECT${columns === 'all' ? '' : ` (${columns.join(', ')})`} ON ${table} TO ${TENANT_ROLE}`,
])

const ifThere = (role: string, ...grants: string[]) => `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN ${grants.map((text) => `${text} TO ${role};`).join(' ')} END IF;
  END $$`

/**
 * What the roles may do in the copies of legacy tables of a shadowed installation: the same as in the originals. A
 * schema that a role may not use is passed over, and it would go on in the originals.
 */
export const shadowGrants = (schema: string): string[] => [
  ifThere(
    WORKER_ROLE,
    `GRANT USAGE ON SCHEMA ${schema}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema}`,
  ),
  ifThere(
    TENANT_ROLE,
    `GRANT USAGE ON SCHEMA ${schema}`,
    ...Object.entries(TENANT_READS)
      .filter(([table]) => SHADOWED.some((one) => one.table === table))
      .map(
        ([table, columns]) =>
          `GRANT SELECT${columns === 'all' ? '' : ` (${columns.join(', ')})`} ON ${schema}.${table}`,
      ),
  ),
]

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
    `GRANT USAGE ON SCHEMA public, startlist TO ${TENANT_ROLE}`,
    ...letRead,
    ...letWork,
  ].map((text) => statement(text)),
)
