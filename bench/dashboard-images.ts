/**
 * Plays a race morning and photographs the dashboard: `node bench/dashboard-images.ts` writes board.png, race.png and
 * bibs.png into docs/images. Provider, database and `startlist run` are real ones of their own; nobody in it is.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { systemClock } from '../src/domain/clock.ts'
import { assignBibs, type Haku, register, type World } from '../src/simulator/index.ts'
import { Program } from '../test/cli/run-startlist.ts'
import { openStage, RACES, type Stage } from '../test/e2e/dashboard/stage.ts'
import { openBrowser } from '../test/helpers/browser.ts'
import { buildDashboard } from '../web/build.ts'
import { assemble } from './dashboard-images/assemble.ts'

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url))
const DESKTOP = { width: 1180, height: 800 }
const PHONE = { width: 390, height: 800 }
const PARTICIPANTS = 240

await buildDashboard()
// Chromium from npm brings one font; for arrows and the like the machine's own stand in.
const fonts = join(tmpdir(), 'startlist-fonts.conf')
writeFileSync(
  fonts,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(tmpdir(), 'fonts')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(tmpdir(), 'fonts-cache')}</cachedir>
<match target="pattern"><test name="family"><string>system-ui</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit></match></fontconfig>`,
)
process.env.FONTCONFIG_FILE = fonts
const browser = await openBrowser()
if (browser === null) throw new Error('no Chromium runs on this machine')
const stage = await openStage(PARTICIPANTS, embedded)
try {
  await photograph(browser, stage)
} finally {
  await browser.close()
  await stage.stop()
}

/** With a database in a home of its own, as a first user has it. */
function embedded(haku: Haku): Program {
  return new Program({
    HAKU_API_URL: haku.apiUrl,
    HAKU_TOKEN_URL: haku.tokenUrl,
    HAKU_MIN_SPACING_MS: '0',
    HAKU_QUOTA_PER_HOUR: '2000',
  })
}

async function photograph(chromium: Browser, { url, tokens, scene }: Stage): Promise<void> {
  const open = async (viewport: { width: number; height: number }) => {
    const page = await chromium.newPage({ viewport, locale: 'en-US', timezoneId: 'America/New_York' })
    await page.goto(`${url}/#/sign-in?token=${tokens.partner}`)
    await page.getByRole('link', { name: 'Harbor Half' }).waitFor({ timeout: 120_000 })
    return page
  }
  const desktop = await open(DESKTOP)
  await desktop.getByText(/^Up to date,/).waitFor({ timeout: 240_000 })
  await markBibsPrinted(desktop)
  happen(scene)
  await syncNow(desktop)
  await desktop
    .getByText('+')
    .first()
    .waitFor({ state: 'attached' })
    .catch(() => {})
  await desktop.goto(`${url}/#/`)
  await desktop.getByRole('heading', { level: 1, name: /^Up to date/ }).waitFor()
  const phone = await open(PHONE)
  await phone.getByRole('heading', { level: 1, name: /^Up to date/ }).waitFor()
  mkdirSync(IMAGES, { recursive: true })
  await assemble(chromium, [await desktop.screenshot(), await phone.screenshot()], join(IMAGES, 'board.png'))
  await openRace(desktop, 'Changes')
  await desktop.getByLabel('Since').selectOption({ index: 1 })
  await openRace(phone, null)
  await phone.getByRole('heading', { name: 'By category' }).waitFor()
  await assemble(chromium, [await desktop.screenshot(), await phone.screenshot()], join(IMAGES, 'race.png'))
  await giveBibs(desktop, { url, tokens })
  await phone.getByRole('link', { name: 'Bibs', exact: true }).click()
  await phone.getByText('One bib, several people').waitFor()
  await assemble(chromium, [await desktop.screenshot(), await phone.screenshot()], join(IMAGES, 'bibs.png'))
  for (const name of ['board.png', 'race.png', 'bibs.png'])
    process.stdout.write(`${name}: ${statSync(join(IMAGES, name)).size} bytes\n`)
}

async function openRace(page: Page, part: string | null): Promise<void> {
  await page.getByRole('link', { name: 'Harbor Half' }).first().click()
  await page.getByRole('navigation', { name: /^Parts of/ }).waitFor()
  if (part !== null) await page.getByRole('link', { name: part, exact: true }).click()
}

/** A team shares a bib, somebody has two, and a file is looked at before it is stored. */
async function giveBibs(page: Page, { url, tokens }: Pick<Stage, 'url' | 'tokens'>): Promise<void> {
  const event = `${url}/v1/events/${encodeURIComponent(`haku:1:${RACES.soon}`)}`
  const headers = { authorization: `Bearer ${tokens.partner}`, 'content-type': 'application/json' }
  const answer = await fetch(`${event}/participants?limit=200&status=active`, { headers })
  const { items } = (await answer.json()) as { items: { id: string; bib: string | null }[] }
  const known = items.filter(({ bib }) => bib !== null)
  const without = items.filter(({ bib }) => bib === null)
  const [mate, other] = known as [{ bib: string }, { id: string; bib: string }]
  const give = (id: string, bib: string) =>
    fetch(`${event}/participants/${id}/bib`, {
      ...{ method: 'PUT', headers },
      body: JSON.stringify({ bib, allowDuplicates: true }),
    })
  await give(without[0]!.id, mate.bib)
  await give(other.id, '977')
  const lines = without.slice(1, 6).map(({ id }, i) => `${id},${951 + i}`)
  const wrong = [`${without[6]!.id},${mate.bib}`, 'R-9,958']
  const file = ['registration,bib', ...lines, ...wrong].join('\n')
  await page.getByRole('link', { name: 'Bibs', exact: true }).click()
  await page
    .getByLabel('CSV file')
    .setInputFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: Buffer.from(file) })
  await page.getByText(/^late\.csv: /).waitFor()
  await page.getByRole('heading', { name: 'Give many bibs' }).evaluate((heading) => heading.scrollIntoView())
}

async function markBibsPrinted(page: Page): Promise<void> {
  await openRace(page, 'Changes')
  await page.getByRole('button', { name: 'Mark this moment' }).click()
  await page.getByRole('button', { name: 'bibs printed' }).click()
  await page.getByText(/^Marked/).waitFor()
}

async function syncNow(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByRole('button', { name: /^Sync for/ }).click()
  await systemClock.sleep(4_000)
}

/** What happens between the printing of bibs and the gun. */
function happen(scene: World): void {
  register(scene, RACES.soon, { bib: '941' })
  register(scene, RACES.soon)
  assignBibs(scene, RACES.soon, 3)
}
