import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hide, register, setBib } from '../../src/simulator/index.ts'
import { Program } from '../cli/run-startlist.ts'
import { openBrowser } from '../helpers/browser.ts'
import { testDatabase } from '../helpers/database.ts'
import { openStage, RACES, type Stage } from './dashboard/stage.ts'
import {
  downloaded,
  focused,
  HARBOR,
  isRead,
  keep,
  objections,
  overflow,
  part,
  type SIZES,
  signIn as signInTo,
  visit,
} from './dashboard/visit.ts'

/** A race morning beside other tests on a small machine. */
const LONG = 300_000
const browser = await openBrowser()
afterAll(() => browser?.close())

describe.skipIf(browser === null)('the dashboard', () => {
  let stage: Stage
  beforeAll(async () => {
    const { url } = await testDatabase()
    stage = await openStage(30, (haku) => Program.on(url, haku))
  }, LONG)
  afterAll(() => stage?.stop())

  const open = (size: keyof typeof SIZES, options: { colorScheme?: 'dark' | 'light' } = {}) =>
    visit(browser as Browser, size, options)
  const signIn = (page: Page, token: string) => signInTo(page, stage, token)

  it('lets in who has a token, and nobody else', { timeout: LONG }, async () => {
    const { context, page } = await open('desktop')
    await page.goto(stage.url)
    await page.getByLabel('Token').fill('slt_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('opens nothing').waitFor()
    // By a link, which stands in no history afterwards.
    await page.goto(`${stage.url}/#/sign-in?token=${stage.tokens.partner}`)
    await page.reload()
    await page.getByRole('link', { name: 'Harbor Half' }).waitFor()
    expect(page.url()).not.toContain('slt_')
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    await page.getByRole('button', { name: /^Sign out/ }).click()
    await page.getByLabel('Token').waitFor()
    await page.reload()
    await page.getByLabel('Token').waitFor()
    await context.close()
  })

  it.each(['desktop', 'phone'] as const)('is a timer’s morning on a %s', { timeout: LONG }, async (size) => {
    const { context, page, complaints } = await open(size)
    await signIn(page, stage.tokens.partner)
    await isRead(page)
    await page.getByText('No longer checked').first().waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'Harbor Half' }).click()
    await isRead(page)
    // The race's zone, not that of the device.
    await page.getByText(/E[SD]T, America\/New_York/).waitFor()
    await page.getByRole('rowheader', { name: 'All' }).first().waitFor()

    await part(page, 'Changes')
    const mark = `bibs printed on a ${size}`
    await page.getByRole('button', { name: 'Mark this moment' }).click()
    await page.getByLabel('Or a name of your own').fill(mark)
    await page.getByRole('button', { name: 'Mark', exact: true }).click()
    await page.getByText(`Nothing has changed since ${mark}.`).waitFor()

    // Meanwhile somebody registers and somebody is given another bib; the page shows it without being asked.
    const [changed] = [...stage.scene.event(RACES.soon).registrations.keys()]
    const bib = size === 'desktop' ? '7001' : '7002'
    const person = { firstName: 'Marta', lastName: `Late ${size}` }
    register(stage.scene, RACES.soon, { bib: `9${bib}`, person })
    setBib(stage.scene, RACES.soon, changed!, bib)
    await syncNow(page)
    await part(page, 'Changes')
    await page.getByLabel('Since').selectOption(mark)
    const lines = page.getByRole('main').getByRole('listitem')
    await lines
      .filter({ hasText: `Marta Late ${size}` })
      .filter({ hasText: 'Added' })
      .first()
      .waitFor()
    await lines
      .filter({ hasText: new RegExp(`Bib number: was .+ ${bib}`) })
      .first()
      .waitFor()
    await page.getByLabel('Kind').selectOption('changed')
    // The lines of before stay until the new ones are read, and tell of her twice.
    await lines
      .filter({ hasText: `Marta Late ${size}` })
      .first()
      .waitFor({ state: 'detached' })
    expect(page.url()).toContain('kind=changed')

    await part(page, 'Participants')
    await page.getByLabel(/^Name, bib/).fill(bib)
    await page.getByText('1 person', { exact: true }).waitFor()
    await page
      .getByRole('row', { name: new RegExp(bib) })
      .getByRole('button')
      .click()
    await page.getByRole('dialog').getByText('The provider’s bib', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    await part(page, 'Checks')
    await page.getByText(/^Every check is clean\.|checked:/).waitFor()

    await part(page, 'Export and freeze')
    await page.getByLabel('Who', { exact: true }).selectOption(mark)
    const file = await downloaded(page, () =>
      page.getByRole('link', { name: 'Download', exact: true }).click(),
    )
    expect(file).toContain(`Late ${size}`)
    expect(file.trim().split('\n')).toHaveLength(3)
    await page.getByRole('button', { name: 'Freeze this list' }).click()
    await page.getByText(/^Frozen: \d+ registrations/).waitFor()
    await page
      .getByText(/^sha256/)
      .first()
      .waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it('decides on a hold, and takes the decision back', { timeout: LONG }, async () => {
    const { context, page } = await open('phone')
    await signIn(page, stage.tokens.partner)
    await isRead(page)
    // The provider's list loses two thirds of its people: more than it does by itself.
    const numbers = [...stage.scene.event(RACES.tomorrow).registrations.keys()].slice(0, 20)
    for (const number of numbers) hide(stage.scene, RACES.tomorrow, number)
    expect(await stage.startlist.run(['sync', '--event', RACES.tomorrow, '--full', '--wait'])).toMatchObject({
      code: 3,
    })
    await page.getByText('1 thing needs you.').first().waitFor()
    await page.getByRole('link', { name: 'Look at it' }).click()
    await page.getByRole('button', { name: /^Apply/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText('20 removed').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Taken back: 20 restored.').waitFor()
    await page.getByText('20 removed').first().waitFor({ state: 'detached' })
    await context.close()
  })

  it('says how old it is when the connection is gone, and comes back by itself', {
    timeout: LONG,
  }, async () => {
    const { context, page } = await open('phone')
    await signIn(page, stage.tokens.partner)
    await page.getByText('Live', { exact: true }).waitFor()
    await context.setOffline(true)
    await page.getByText(/This page is \d+ s old, from \d\d:\d\d:\d\d M[SD]T/).waitFor()
    // What was there is still there.
    await page.getByRole('link', { name: 'Harbor Half' }).waitFor()
    await context.setOffline(false)
    await page.getByText('Live', { exact: true }).waitFor()
    expect(await page.getByText('No connection.').count()).toBe(0)
    await context.close()
  })

  it('shows a partner its own races alone', { timeout: LONG }, async () => {
    const { context, page } = await open('desktop')
    await signIn(page, stage.tokens.partner)
    await page.getByRole('link', { name: 'Harbor Half' }).waitFor()
    expect(await page.getByText('Beacon').count()).toBe(0)
    for (const partner of [1, 2]) {
      await page.goto(`${stage.url}/#/races/${encodeURIComponent(`haku:${partner}:${RACES.other}`)}`)
      await page.getByText(/^there is no event/).waitFor()
    }
    for (const [hash, heading] of [
      ['#/partners', 'Lantern Timing'],
      ['#/quota', 'Lantern Bay'],
    ] as const) {
      await page.goto(`${stage.url}/${hash}`)
      await page.getByRole('heading', { name: heading }).waitFor()
      expect(await page.getByText('Beacon').count()).toBe(0)
    }
    await context.close()
    const all = await open('desktop')
    await signIn(all.page, stage.tokens.admin)
    await all.page.getByRole('link', { name: 'Beacon Mile' }).waitFor()
    await all.context.close()
  })

  it.each(['light', 'dark'] as const)(
    'has nothing for axe to object to, %s',
    { timeout: LONG },
    async (colorScheme) => {
      for (const size of ['desktop', 'phone'] as const) {
        const { context, page, complaints } = await open(size, { colorScheme })
        await page.goto(stage.url)
        await page.getByLabel('Token').waitFor()
        const found = await objections(page, 'sign-in')
        await signIn(page, stage.tokens.admin)
        for (const [name, hash, ready] of PAGES) {
          await page.goto(`${stage.url}/${hash}`)
          await page.getByRole('main').getByText(ready).first().waitFor()
          found.push(...(await objections(page, name)))
          if ((await overflow(page)) > 0) found.push(`${name} is wider than a ${size}`)
          await keep(page, `${name}-${size}-${colorScheme}`)
        }
        await page.goto(`${stage.url}/${HARBOR}`)
        await page.getByRole('button', { name: 'Sync now' }).click()
        await page.getByRole('button', { name: /^Sync for/ }).waitFor()
        found.push(...(await objections(page, 'the cost of a sync')))
        expect(found).toEqual([])
        expect(complaints).toEqual([])
        await context.close()
      }
    },
  )

  it('is worked by keyboard: the content is one key away, and a dialog gives the focus back', {
    timeout: LONG,
  }, async () => {
    const { context, page } = await open('desktop')
    await signIn(page, stage.tokens.admin)
    await page.goto(`${stage.url}/${HARBOR}`)
    await page.reload()
    await page.getByRole('button', { name: 'Sync now' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('All races')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Sync now')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Sync for/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await focused(page)).toBe('Sync now')
    await context.close()
  })
})

const PAGES: readonly (readonly [name: string, hash: string, ready: RegExp])[] = [
  ['board', '#/', /Harbor Half/],
  ['race', HARBOR, /By category/],
  ['changes', `${HARBOR}/changes`, /latest|changes/],
  ['checks', `${HARBOR}/checks`, /clean|checked:/],
  ['participants', `${HARBOR}/participants`, /people/],
  ['bibs', `${HARBOR}/bibs`, /No bib is at odds|Two bibs/],
  ['exports', `${HARBOR}/exports`, /Options/],
  ['quota', '#/quota', /The numbers/],
  ['runs', '#/runs', /^Done$/],
  ['backfill', '#/backfill', /read to its end|left/],
  ['rejects', '#/rejects', /rejected|Registration/],
  ['partners', '#/partners', /Beacon Timing/],
  ['nowhere', '#/nowhere', /no such page/],
]

/** What it costs first, then the calls. */
async function syncNow(page: Page): Promise<void> {
  await part(page, 'Overview')
  await page.getByRole('button', { name: 'Sync now' }).click()
  await page.getByText(/of 500 left this hour/).waitFor()
  await page.getByRole('button', { name: /^Sync for/ }).click()
  await page.getByText(/^Asked for/).waitFor()
}
