import { testDatabase } from './database.ts'
import { type Installation, type InstallationOptions, installOn } from './installation-on.ts'

export { type Installation, START } from './installation-on.ts'

/** A whole startlist on a database of its own, for one test file; stop it in the test's end. */
export async function install(options: InstallationOptions): Promise<Installation> {
  const { db } = await testDatabase({ virtualClock: options.clock })
  return installOn(db, options)
}
