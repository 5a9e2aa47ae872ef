/** The migrated database that every test database is a copy of. Nobody connects to it. */
export const TEMPLATE = 'startlist_template'
/** Start of the name of a test run's temporary home; the run's pid follows. */
export const HOME_PREFIX = 'startlist-test-'
