import { StartlistError } from '../domain/errors.ts'
import type { AccountConnection } from '../providers/connect.ts'

/** A provider that throttles this often in a row for one question is not answered by patience. */
const MOST_THROTTLES = 100

/**
 * A connection that asks again after a throttle. It does not sleep: the ledger has noted the pause, and the next call
 * is held back until it is over (L4).
 */
export function patient(connection: AccountConnection): AccountConnection {
  const methods = {
    listEvents: again(connection.listEvents),
    listParticipants: again(connection.listParticipants),
    readDetail: again(connection.readDetail),
    prove: again(connection.prove),
    ...(connection.listRemoved && { listRemoved: again(connection.listRemoved) }),
    ...(connection.confirm && { confirm: again(connection.confirm) }),
  }
  // Inherits the rest, getters included, from the connection itself.
  return Object.assign(Object.create(connection) as AccountConnection, methods)
}

function again<A extends unknown[], R>(method: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    for (let throttles = 0; ; throttles++) {
      try {
        return await method(...args)
      } catch (error) {
        const throttled = error instanceof StartlistError && error.code === 'THROTTLED'
        if (!throttled || throttles >= MOST_THROTTLES) throw error
      }
    }
  }
}
