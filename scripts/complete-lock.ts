import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Completes package-lock.json after `npm install`: npm leaves out what other platforms need, and then refuses the file
 * there; and it warns of packages whose `engines` exclude the Node that npm runs on, although everything here runs on
 * the Node that the lock file brings (docs/adr/0002). Run it as `npm run lock`.
 */

interface LockedPackage {
  version?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  engines?: { node?: string }
  optionalDependencies?: Record<string, string>
}

const SYSTEMS = new Set([
  'android',
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'openharmony',
  'aix',
  'netbsd',
  'openbsd',
  'sunos',
])
const PROCESSORS = new Set([
  'arm64',
  'x64',
  'arm',
  'ia32',
  'ppc64',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
])
/** An exact version, which such a package has, and a range has not. */
const EXACT = /^\d[\w.+-]*$/
/** Asks for a newer Node than 20, the oldest that brings an npm which reads this file. */
const NEWER_NODE = /^>=\s*2[1-9]/

/** What the package's name says of its platform: the convention of all that ship binaries by optional packages. */
function forPlatform(name: string, version: string, dev: boolean): LockedPackage {
  const parts = name.split('/').at(-1)!.split('-')
  const os = parts.filter((part) => SYSTEMS.has(part))
  const cpu = parts.filter((part) => PROCESSORS.has(part))
  const libc = parts.includes('musl')
    ? 'musl'
    : parts.some((p) => p === 'gnu' || p === 'gnueabihf')
      ? 'glibc'
      : null
  return {
    version,
    optional: true,
    ...(dev && { dev }),
    ...(os.length > 0 && { os }),
    ...(cpu.length > 0 && { cpu }),
    ...(libc && { libc: [libc] }),
  }
}

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> }
for (const [at, found] of Object.entries(lock.packages)) {
  if (at !== '' && found.engines?.node !== undefined && NEWER_NODE.test(found.engines.node))
    delete found.engines
  for (const [name, version] of Object.entries(found.optionalDependencies ?? {})) {
    const isThere = `node_modules/${name}` in lock.packages || `${at}/node_modules/${name}` in lock.packages
    if (EXACT.test(version) && !isThere)
      lock.packages[`node_modules/${name}`] = forPlatform(name, version, found.dev === true)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
