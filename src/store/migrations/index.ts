import { adopted } from './adopted.ts'
import { alertTables } from './alerts.ts'
import { apiTables } from './api.ts'
import { auditTables } from './audits.ts'
import { bibTables } from './bibs.ts'
import { blindness } from './blindness.ts'
import { decisionTables } from './decisions.ts'
import { engineTables } from './engine-tables.ts'
import { feedTables } from './feed.ts'
import { freezeTables } from './freezes.ts'
import { headIndexes } from './heads.ts'
import { isolation } from './isolation.ts'
import { legacyTables } from './legacy-tables.ts'
import { listNumbers } from './list-numbers.ts'
import { listTables } from './lists.ts'
import { privacyTables } from './privacy.ts'
import { quotaSettings } from './quota-settings.ts'
import { restartMarks } from './restarts.ts'
import { schedulerTables } from './scheduler.ts'
import { setAside } from './set-aside.ts'

/** One named step of the schema. Names are sorted, recorded and never changed once released. */
export interface Step {
  name: string
  /** Statements in order; each can be run again, so that the adoption of an existing database shares them. */
  statements: readonly string[]
  /** Releases that lack this step cannot work with the database any more; else they go on beside later ones. */
  breaks?: true
}

/** Every step that this release knows, oldest first. */
export const steps: readonly Step[] = [
  { name: '0001_schema', statements: [...legacyTables, ...engineTables] },
  { name: '0002_scheduler', statements: schedulerTables },
  { name: '0003_decisions', statements: decisionTables },
  { name: '0004_lists', statements: listTables },
  { name: '0005_heads_and_quota', statements: [...headIndexes, ...quotaSettings] },
  { name: '0007_audits', statements: auditTables },
  { name: '0008_isolation', statements: isolation },
  { name: '0010_adopted', statements: adopted },
  { name: '0010_alerts', statements: alertTables },
  { name: '0010_privacy', statements: privacyTables },
  { name: '0011_feed', statements: feedTables },
  { name: '0012_api', statements: apiTables },
  { name: '0013_freezes', statements: freezeTables },
  { name: '0014_bibs', statements: bibTables },
  { name: '0016_list_numbers', statements: listNumbers },
  { name: '0017_restarts', statements: restartMarks },
  { name: '0018_set_aside', statements: setAside },
  { name: '0019_blindness', statements: blindness },
]

/** The step that a release has to know to work with this schema. */
export const floor: string = (steps.findLast(({ breaks }) => breaks) ?? steps[0]!).name
