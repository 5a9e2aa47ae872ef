import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program } from '../cli/run-startlist.ts'
import { openBrowser } from '../helpers/browser.ts'
import { testDatabase } from '../helpers/database.ts'
import { openStage, type Stage } from './dashboard/stage.ts'

const LONG = 240_000
const browser = await openBrowser()
afterAll(() => browser?.close())

describe.skipIf(browser === null)('the dashboard', () => {
  let stage: Stage
  beforeAll(async () => {
    const { url } = await testDatabase()
    stage = await openStage(40, (haku) => Program.on(url, haku))
  }, LONG)
  afterAll(() => stage?.stop())

  async function open(): Promise<Page> {
    const page = await browser!.newPage({ locale: 'en-US', timezoneId: 'America/New_York' })
    page.setDefaultTimeout(60_000)
    return page
  }

  it('lets in who has a token, and nobody else', { timeout: LONG }, async () => {
    const page = await open()
    await page.goto(stage.url)
    await page.getByLabel('Token').fill('slt_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('this token or link opens nothing').waitFor()
    await page.getByLabel('Token').fill(stage.tokens.partner)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    expect(page.url()).not.toContain('slt_')
    await page.close()
  })
})
