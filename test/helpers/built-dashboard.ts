import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDashboard } from '../../web/build.ts'

const WEB = fileURLToPath(new URL('../../web', import.meta.url))

/** Builds web/dist when a source is newer: what a browser is given is what is being written. */
export async function buildWhatIsStale(): Promise<void> {
  const built = writtenAt(join(WEB, 'dist/index.html'))
  const sources = readdirSync(WEB, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(WEB, 'dist')))
    .map((entry) => writtenAt(join(entry.parentPath, entry.name)))
  if (Math.max(...sources) > built && (await buildDashboard()) !== 'built')
    throw new Error('the dashboard cannot be built here: npm ci installs what it takes')
}

/** ms since the epoch; 0 for a file that is not there */
const writtenAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
