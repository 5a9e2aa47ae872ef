/**
 * Builds the dashboard into web/dist: `npm run build`, and after `npm ci` by itself. Where the tools for it are not
 * installed, as with `npm ci --omit=dev`, it does nothing and says nothing: a release brings web/dist along.
 */
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'

const CONFIG = fileURLToPath(new URL('vite.config.ts', import.meta.url))

/** @param outDir instead of web/dist; null when the tools are not there */
export async function buildDashboard(outDir?: string): Promise<'built' | 'no tools'> {
  const vite = await import('vite').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  })
  if (vite === null) return 'no tools'
  await vite.build({
    configFile: CONFIG,
    logLevel: 'warn',
    ...(outDir === undefined ? {} : { build: { outDir, emptyOutDir: true } }),
  })
  return 'built'
}

if (import.meta.main) {
  if (!isBuiltin('node:sqlite'))
    throw new Error('run npm run build: it takes the Node that package.json pins')
  await buildDashboard(process.argv[2])
}
