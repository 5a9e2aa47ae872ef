import type { Rule } from '../rule.ts'
import { auditMismatch } from './audit-mismatch.ts'
import { backfillStalled } from './backfill-stalled.ts'
import { credentialRefused } from './credential-refused.ts'
import { holdOpen } from './hold-open.ts'
import { noPoll } from './no-poll.ts'
import { overloadAhead } from './overload-ahead.ts'
import { raceLate } from './race-late.ts'
import { webhookOff } from './webhook-off.ts'

/** Every reason for an alert. A new one is a file beside these, and its name here. */
export const rules: readonly Rule[] = [
  raceLate,
  noPoll,
  credentialRefused,
  holdOpen,
  overloadAhead,
  backfillStalled,
  webhookOff,
  auditMismatch,
]
