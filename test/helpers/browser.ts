import { existsSync } from 'node:fs'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** Nothing but what a test asks for leaves the machine. */
const QUIET = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
/** Where a machine has a browser of its own, when the one from npm cannot run on it. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A browser without a window; null, said on standard error, where none can run. */
export async function openBrowser(): Promise<Browser | null> {
  const browser = (await fromNpm()) ?? (await installed())
  if (browser === null) process.stderr.write('No Chromium runs on this machine: browser tests are skipped.\n')
  return browser
}

async function fromNpm(): Promise<Browser | null> {
  try {
    const executablePath = await sparticuz.executablePath()
    // With a single process a page that is closed takes the browser along.
    const args = sparticuz.args.filter((arg) => arg !== '--single-process')
    return await launch(executablePath, [...args, ...QUIET])
  } catch {
    return null
  }
}

async function installed(): Promise<Browser | null> {
  const executablePath = INSTALLED.find((path) => existsSync(path))
  if (executablePath === undefined) return null
  return launch(executablePath, QUIET).catch(() => null)
}

function launch(executablePath: string, args: string[]): Promise<Browser> {
  // A language tag like C or POSIX is none to a page.
  return chromium.launch({ executablePath, args, env: { ...process.env, LANG: 'en_US.UTF-8' } })
}
