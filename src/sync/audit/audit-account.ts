import type { CallClass } from '../../domain/account.ts'
import { excessOf } from '../../quota/excess.ts'
import type { Limits } from '../../quota/window.ts'
import { readTold, saveExcess } from '../../store/audit/headers.ts'
import type { Db } from '../../store/database.ts'
import { eventsOfAccount } from '../../store/events.ts'
import { stopsAccount } from '../account-sync.ts'
import type { AccountContext } from '../context.ts'
import { eventSchedule, hasEnded } from '../event-schedule.ts'
import { type AuditOutcome, auditEvent } from './audit-event.ts'

/** What a person wants audited. */
export interface AccountAuditRequest {
  eventId?: string
  partnerId?: number
  class: CallClass
  sample: number
  seed: string
  /** Told of every event that is done. */
  onEvent?: (outcome: AuditOutcome) => void
}

/** Audits the events of an account that are not over, or the one that is named. An error that the others would meet ends it. */
export async function auditAccount(account: AccountContext, request: AccountAuditRequest): Promise<void> {
  const { eventId, partnerId, onEvent } = request
  for (const event of await eventsOfAccount(account.db, account.account.accountId)) {
    const isNamed =
      eventId === undefined || event.eventId === eventId || event.events.some((e) => e.eventId === eventId)
    const isTheirs = partnerId === undefined || event.holders.some((holder) => holder.partnerId === partnerId)
    const isOpen = eventId !== undefined || !hasEnded(eventSchedule(event), account.clock.now())
    if (!isNamed || !isTheirs || !isOpen || event.missing) continue
    const outcome = await auditEvent(account, event, { ...request, replay: Number.POSITIVE_INFINITY })
    onEvent?.(outcome)
    if (outcome.error !== null && stopsAccount(outcome.error)) return
  }
}

/** How the provider's headers and the ledger agree on an account's hour. */
export interface LedgerAudit {
  accountId: number
  /** calls that the headers claimed were used, last; null when they never say */
  told: number | null
  /** calls of the ledger that were in the window then */
  counted: number
  /** calls that the ledger does not know; null when nothing can be said */
  excess: number | null
}

/** Compares the ledger with the provider's last headers, and keeps the result. No call. */
export async function auditLedger(db: Db, accountId: number, limits: Limits): Promise<LedgerAudit> {
  const { told, counted, restored } = await readTold(db, accountId)
  const setAside = Math.ceil(limits.perHour * (limits.externalUse ?? 0))
  const excess = told === null || restored ? null : excessOf({ told, counted, setAside })
  await saveExcess(db, accountId, excess)
  return { accountId, told, counted, excess }
}
