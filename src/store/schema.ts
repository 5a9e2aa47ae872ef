import type { AlertMessagesTable, AlertRulesTable, AlertsTable } from './schema/alerts.ts'
import type { ApiSessionsTable, SignInLinksTable } from './schema/api.ts'
import type { AuditFindingsTable, AuditsTable, SchemaDriftTable, SchemaShapesTable } from './schema/audits.ts'
import type {
  AccountsTable,
  ApiCallsTable,
  ApiTokensTable,
  EmptiedListsTable,
  ForgottenTable,
  HoldsTable,
  LanesTable,
  ParticipantChangesTable,
  PartnerSyncTable,
  RejectedRecordsTable,
  SweepSeenTable,
  SyncStateTable,
  UnifiedEventsView,
  UnifiedParticipantsView,
} from './schema/engine.ts'
import type {
  FeedMarksTable,
  WebhookCursorsTable,
  WebhookDeliveriesTable,
  WebhooksTable,
} from './schema/feed.ts'
import type { FreezeRowsTable, FreezesTable, SigningKeysTable } from './schema/freezes.ts'
import type {
  HakuEventsTable,
  HakuParticipantsTable,
  PartnerProviderCredentialsTable,
  ProvidersTable,
  SyncHistoryTable,
  SyncQueueTable,
  TimingPartnersTable,
} from './schema/legacy.ts'
import type {
  RunsignupEventsTable,
  RunsignupParticipantsDuplicatesTable,
  RunsignupParticipantsTable,
  RunsignupRacesTable,
} from './schema/runsignup.ts'

/** Every table and view of ours, as src/store/migrations makes them. */
export interface Database {
  timing_partners: TimingPartnersTable
  providers: ProvidersTable
  partner_provider_credentials: PartnerProviderCredentialsTable
  haku_events: HakuEventsTable
  haku_participants: HakuParticipantsTable
  runsignup_races: RunsignupRacesTable
  runsignup_events: RunsignupEventsTable
  runsignup_participants: RunsignupParticipantsTable
  runsignup_participants_duplicates: RunsignupParticipantsDuplicatesTable
  sync_queue: SyncQueueTable
  sync_history: SyncHistoryTable
  accounts: AccountsTable
  lanes: LanesTable
  sync_state: SyncStateTable
  partner_sync: PartnerSyncTable
  api_calls: ApiCallsTable
  participant_changes: ParticipantChangesTable
  rejected_records: RejectedRecordsTable
  sweep_seen: SweepSeenTable
  holds: HoldsTable
  api_tokens: ApiTokensTable
  api_sessions: ApiSessionsTable
  sign_in_links: SignInLinksTable
  audits: AuditsTable
  audit_findings: AuditFindingsTable
  schema_shapes: SchemaShapesTable
  schema_drift: SchemaDriftTable
  forgotten: ForgottenTable
  emptied_lists: EmptiedListsTable
  alert_rules: AlertRulesTable
  alerts: AlertsTable
  alert_messages: AlertMessagesTable
  feed_marks: FeedMarksTable
  webhooks: WebhooksTable
  webhook_cursors: WebhookCursorsTable
  webhook_deliveries: WebhookDeliveriesTable
  signing_keys: SigningKeysTable
  freezes: FreezesTable
  freeze_rows: FreezeRowsTable
  unified_participants: UnifiedParticipantsView
  unified_events: UnifiedEventsView
}
