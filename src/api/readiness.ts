import type { StartlistError } from '../domain/errors.ts'
import { isStalled, type Pulse } from '../scheduler/pulse.ts'
import type { Db } from '../store/database.ts'
import { asDatabaseError } from '../store/database-error.ts'
import { assertSchema } from '../store/migrate.ts'

/** Can this process do its work now? What `/readyz` answers: codes and advice, never an address or a value. */
export interface Readiness {
  ready: boolean
  reasons: { check: 'start' | 'database' | 'schema' | 'turns'; code: string; hint: string }[]
}

/** Not yet: the process is still opening its database. */
export const STARTING: Readiness = {
  ready: false,
  reasons: [{ check: 'start', code: 'STARTING', hint: 'startlist is opening its database.' }],
}

const STALLED: Readiness = {
  ready: false,
  reasons: [
    {
      check: 'turns',
      code: 'STALLED',
      hint: 'A turn has been due for two minutes and none has ended: see the log, then restart startlist.',
    },
  ],
}

/** Asks the database whether it answers, has this release's schema, and whether turns go on. */
export async function readinessOf(db: Db, pulse: () => Promise<Pulse>, now: number): Promise<Readiness> {
  try {
    await assertSchema(db)
    return isStalled(await pulse(), now) ? STALLED : { ready: true, reasons: [] }
  } catch (error) {
    return failed(asDatabaseError(error))
  }
}

function failed({ code, hint }: StartlistError): Readiness {
  const check = code.startsWith('SCHEMA_') ? 'schema' : 'database'
  return { ready: false, reasons: [{ check, code, hint }] }
}
