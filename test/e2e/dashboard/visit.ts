import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { RACES } from './stage.ts'

/** Somebody before the dashboard, and what they do on every page. */

const PATIENCE = 45_000
export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const
/** The race that starts soon, as its first partner has it. */
export const HARBOR = `#/races/${encodeURIComponent(`haku:1:${RACES.soon}`)}`

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A browser of somebody, whose page must not complain of anything. */
export interface Visit {
  context: BrowserContext
  page: Page
  complaints: string[]
}

export async function visit(
  browser: Browser,
  size: keyof typeof SIZES,
  options: { colorScheme?: 'dark' | 'light' } = {},
): Promise<Visit> {
  const zone = { locale: 'en-US', timezoneId: 'America/Denver' }
  const context = await browser.newContext({ viewport: SIZES[size], ...zone, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A policy that refuses something says so here, and nowhere else.
    if (message.type() === 'error' && !/status of 4\d\d|ERR_/.test(message.text()))
      complaints.push(message.text())
  })
  return { context, page, complaints }
}

export async function signIn(page: Page, { url }: { url: string }, token: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'startlist', exact: true }).waitFor()
}

/** The race was read to its end. */
export const isRead = (page: Page): Promise<void> =>
  page.getByRole('heading', { level: 1, name: /^Up to date/ }).waitFor()

/** Goes to a part of the race. */
export async function part(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: /^Parts of/ })
    .getByRole('link', { name, exact: true })
    .click()
}

/** The text of the file that a click downloads. */
export async function downloaded(page: Page, click: () => Promise<void>): Promise<string> {
  return (await downloadedBytes(page, click)).toString('utf8')
}

export async function downloadedBytes(page: Page, click: () => Promise<void>): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'startlist-download-'))
  try {
    const [download] = await Promise.all([page.waitForEvent('download'), click()])
    const path = join(folder, 'file')
    await download.saveAs(path)
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What axe objects to; it runs beside the page's own scripts, whose policy would refuse it. */
export async function objections(page: Page, name: string): Promise<string[]> {
  await page.evaluate(AXE)
  const violations = await page.evaluate(
    async () =>
      (await (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run())
        .violations,
  )
  return violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

interface Violation {
  id: string
  nodes: { html: string }[]
}

/** How far a page is wider than its screen, px. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document, innerWidth } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number } }
      innerWidth: number
    }
    return Math.max(0, document.documentElement.scrollWidth - innerWidth)
  })

/** STARTLIST_SCREENSHOTS names a folder for pictures of every page, to be looked at. */
export async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.STARTLIST_SCREENSHOTS
  if (folder !== undefined && existsSync(folder))
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

export const focused = async (page: Page): Promise<string> =>
  ((await page.locator(':focus').textContent()) ?? '').trim()

/** The label of the field that has the focus. */
export const focusedName = (page: Page): Promise<string> =>
  page
    .locator(':focus')
    .evaluate(
      (field) => (field as unknown as { labels: { textContent: string }[] }).labels[0]?.textContent ?? '',
    )
