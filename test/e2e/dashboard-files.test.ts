import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Db } from '../../src/store/database.ts'
import { Program } from '../cli/run-startlist.ts'
import { openBrowser } from '../helpers/browser.ts'
import { testDatabase } from '../helpers/database.ts'
import { openStage, RACES, type Stage } from './dashboard/stage.ts'
import {
  downloaded,
  downloadedBytes,
  focused,
  focusedName,
  HARBOR,
  isRead,
  keep,
  objections,
  overflow,
  part,
  type SIZES,
  signIn,
  type Visit,
  visit,
} from './dashboard/visit.ts'

/** What goes in and out as files: bibs, exports, frozen lists. */

const LONG = 300_000
const browser = await openBrowser()
afterAll(() => browser?.close())

interface Person {
  id: string
  bib: string | null
  localBib: string | null
  firstName: string
  lastName: string
}

const LOOKS = [
  { size: 'desktop', colorScheme: 'light' },
  { size: 'phone', colorScheme: 'dark' },
] as const

describe.skipIf(browser === null)('the dashboard', () => {
  let db: Db
  let stage: Stage
  /** Those who have a bib of the provider's, by registration number. */
  let people: Person[]
  beforeAll(async () => {
    const database = await testDatabase()
    db = database.db
    stage = await openStage(30, (haku) => Program.on(database.url, haku))
    const { context, page } = await open('desktop')
    await isRead(page)
    await context.close()
    // Names are there before bibs.
    while ((await owedDetails()) > 0) await pause(100)
    people = (await readPeople()).filter(({ bib }) => bib !== null)
    expect(people.length).toBeGreaterThan(2)
  }, LONG)
  afterAll(() => stage?.stop())

  /** Somebody signed in, at a part of the race. */
  async function open(
    size: keyof typeof SIZES,
    { to = '', colorScheme = 'light' }: { to?: string; colorScheme?: 'dark' | 'light' } = {},
  ): Promise<Visit> {
    const visitor = await visit(browser as Browser, size, { colorScheme })
    await signIn(visitor.page, stage, stage.tokens.partner)
    await visitor.page.goto(`${stage.url}/${HARBOR}${to}`)
    return visitor
  }

  async function owedDetails(): Promise<number> {
    const { rows } = await sql<{ owed: number }>`
      SELECT count(*)::int AS owed FROM haku_participants WHERE detail_of IS DISTINCT FROM list_fingerprint`.execute(
      db,
    )
    return rows[0]!.owed
  }

  async function readPeople(): Promise<Person[]> {
    const key = encodeURIComponent(`haku:1:${RACES.soon}`)
    const answer = await fetch(`${stage.url}/v1/events/${key}/participants?limit=100&status=active`, {
      headers: { authorization: `Bearer ${stage.tokens.partner}` },
    })
    const { items } = (await answer.json()) as { items: Person[] }
    return items.toSorted((a, b) => a.id.localeCompare(b.id))
  }

  const bibOf = async (person: Person) => (await readPeople()).find(({ id }) => id === person.id)

  /** As somebody else does, elsewhere. */
  async function giveBib({ id }: Person, bib: string | null): Promise<void> {
    const key = encodeURIComponent(`haku:1:${RACES.soon}`)
    const answer = await fetch(`${stage.url}/v1/events/${key}/participants/${encodeURIComponent(id)}/bib`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${stage.tokens.partner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ bib }),
    })
    expect(answer.status).toBe(200)
  }

  const give = (page: Page, lines: readonly string[]) =>
    page.getByLabel('CSV file').setInputFiles({
      name: 'bibs.csv',
      mimeType: 'text/csv',
      // As a spreadsheet saves it.
      buffer: Buffer.from(`\uFEFF${['Registration ID;Bib', ...lines].join('\r\n')}\r\n`, 'utf16le'),
    })

  /** Every state has to be for everybody: axe finds nothing, and it fits the screen. */
  async function look(page: Page, name: string): Promise<void> {
    expect(await objections(page, name)).toEqual([])
    expect([name, await overflow(page)]).toEqual([name, 0])
    await keep(page, name)
  }

  it.each(LOOKS)(
    'gives the bibs of a file when every line of it is right, on a $size',
    {
      timeout: LONG,
    },
    async ({ size, colorScheme }) => {
      const { context, page, complaints } = await open(size, { to: '/bibs', colorScheme })
      await page.getByText('No bib is at odds.').waitFor()
      const [ana, ben, cay] = people as [Person, Person, Person]
      const good = [`${ana.id};0801`, `${ben.id};0802`]

      await give(page, [...good, `${cay.id};0801`, '99999999;0804'])
      await page.getByText('bibs.csv: 1 bib to give, 3 lines refused.').waitFor()
      const rows = page.getByRole('row')
      await rows
        .filter({ hasText: `0801 is then also the bib of registration ${cay.id}` })
        .filter({ hasText: 'Refused' })
        .waitFor()
      await rows.filter({ hasText: '0804: nobody in this race has this registration number' }).waitFor()
      expect(await page.getByRole('button', { name: /^Give \d/ }).count()).toBe(0)
      await look(page, `bibs-refused-${size}`)
      // Somebody in it can be looked at without losing the file.
      await page.getByRole('button', { name: `${cay.firstName} ${cay.lastName}` }).click()
      await page.getByRole('dialog').getByText(cay.id).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      expect(await focused(page)).toBe(`${cay.firstName} ${cay.lastName}`)

      await page.getByLabel('People may share a bib').check()
      await page.getByText('bibs.csv: 3 bibs to give, 1 line refused.').waitFor()
      await page.getByLabel('People may share a bib').uncheck()

      await give(page, good)
      await page.getByText('bibs.csv: 2 bibs to give.').waitFor()
      await rows
        .filter({ hasText: `0801, kept as yours: the provider’s ${ana.bib} counts` })
        .filter({ hasText: 'Gets it' })
        .waitFor()
      await look(page, `bibs-preview-${size}`)
      expect(await bibOf(ana)).toMatchObject({ localBib: null })
      await page.getByRole('button', { name: 'Give 2 bibs' }).click()
      await page.getByText('2 bibs are given.').first().waitFor()
      expect([(await bibOf(ana))?.localBib, (await bibOf(ben))?.localBib]).toEqual(['0801', '0802'])
      // The button that was pressed is gone, and whoever works by keyboard is not lost.
      expect(await focusedName(page)).toBe('CSV file')
      await page.getByRole('list', { name: 'One person, two bibs' }).getByRole('listitem').nth(1).waitFor()
      await look(page, `bibs-conflicts-${size}`)

      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('No bib is at odds.').waitFor()
      expect(await bibOf(ana)).toMatchObject({ localBib: null, bib: ana.bib })

      await page
        .getByLabel('CSV file')
        .setInputFiles({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') })
      await page.getByRole('alert').getByText('the file has no column of bibs').waitFor()
      await look(page, `bibs-wrong-${size}`)
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('says whose bib counts, what that means, and how many have another one then', {
    timeout: LONG,
  }, async () => {
    const { context, page, complaints } = await open('desktop', { to: '/bibs' })
    const [ana] = people as [Person]
    await give(page, [`${ana.id};0811`])
    await page.getByRole('button', { name: 'Give 1 bib' }).click()
    await page.getByText('1 bib is given.').first().waitFor()

    const yours = page.getByRole('radio', { name: 'Your bib counts' })
    const theirs = page.getByRole('radio', { name: /^The provider’s bib counts/ })
    expect([await theirs.isChecked(), await yours.isChecked()]).toEqual([true, false])
    const describedBy = (await yours.getAttribute('aria-describedby')) ?? ''
    expect(await page.locator(`[id="${describedBy}"]`).textContent()).toMatch(/What you gave stays/)
    // By keyboard, as radio buttons are.
    await theirs.focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('button', { name: 'Let it count from now on' }).click()
    await page.getByText('Your bib counts now: 1 person has another bib.').waitFor()
    expect(await bibOf(ana)).toMatchObject({ bib: '0811' })
    await page.getByRole('button', { name: 'Let it count' }).waitFor({ state: 'detached' })
    expect(await yours.evaluate((radio) => radio.matches(':focus'))).toBe(true)

    await theirs.check()
    await page.getByRole('button', { name: 'Let it count from now on' }).click()
    await page.getByText('The provider’s bib counts now: 1 person has another bib.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('No bib is at odds.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })

  it.each(LOOKS)(
    'gives one person a bib, shared only when that is meant, and leads to who is at odds, on a $size',
    {
      timeout: LONG,
    },
    async ({ size, colorScheme }) => {
      const { context, page, complaints } = await open(size, { to: '/participants', colorScheme })
      const [, ben, cay] = people as [Person, Person, Person]
      const name = `${ben.firstName} ${ben.lastName}`
      await page.getByLabel(/^Name, bib/).fill(ben.id)
      await page.getByText('1 person', { exact: true }).waitFor()
      await page.getByRole('button', { name }).click()
      const dialog = page.getByRole('dialog', { name })
      await dialog.getByLabel('Give a bib').fill(` ${cay.bib} `)
      await page.keyboard.press('Enter')
      await dialog.getByRole('alert').getByText(`the bib is taken by registration ${cay.id}`).waitFor()
      await look(page, `bib-taken-${size}`)
      expect(await bibOf(ben)).toMatchObject({ localBib: null })
      await dialog.getByRole('button', { name: 'Share the bib' }).click()
      await page.getByText(`${cay.bib} is kept as yours; the provider’s ${ben.bib} counts.`).waitFor()
      expect(await focusedName(page)).toBe('Give a bib')
      await dialog.getByRole('button', { name: `Take ${cay.bib} back` }).waitFor()
      await page.keyboard.press('Escape')

      await part(page, 'Bibs')
      const conflict = page.getByRole('list', { name: 'One person, two bibs' }).getByRole('listitem')
      await conflict.getByText(`the provider gave ${ben.bib}, you gave ${cay.bib}`).waitFor()
      await conflict.getByRole('link', { name }).click()
      await dialog.getByRole('button', { name: `Take ${cay.bib} back` }).click()
      await page.getByText(`The bib is ${ben.bib} now.`).waitFor()
      await dialog.getByText('Your bib', { exact: true }).locator('xpath=../dd').getByText('-').waitFor()
      await page.keyboard.press('Escape')
      await part(page, 'Bibs')
      await page.getByText('No bib is at odds.').waitFor()
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it.each(LOOKS)(
    'writes a file as it is asked to, from a mark on, or says why not, on a $size',
    {
      timeout: LONG,
    },
    async ({ size, colorScheme }) => {
      const { context, page, complaints } = await open(size, { to: '/exports', colorScheme })
      const download = page.getByRole('link', { name: 'Download', exact: true })
      await page.getByLabel('For', { exact: true }).selectOption('generic')
      await page.getByText('Options: comma, UTF-8, 02/03/1990, M/F/X').click()
      expect(await page.getByLabel('Dates').inputValue()).toBe('mdy')
      const plain = await downloaded(page, () => download.click())
      expect(plain).toMatch(/^Registration ID,Bib,Last Name,/)
      await page.getByText(/^The list as of \d\d:\d\d:\d\d E[SD]T: \d+ registrations\.$/).waitFor()
      await page.getByRole('button', { name: 'Mark as “list exported”' }).click()
      await page.getByText(/^Marked as/).waitFor()

      await page.getByLabel('Between two cells').selectOption('semicolon')
      await page.getByLabel('Encoding').selectOption('utf-16le')
      await page.getByLabel('Byte order mark').selectOption('yes')
      await page.getByLabel('Dates').selectOption('dmy')
      await page.getByLabel('Sex').selectOption('male/female/other')
      await page.getByLabel('Ids').selectOption('namespaced')
      await page.getByLabel('Instead of no bib').fill('000')
      await page.getByText('Options: 7 changed').waitFor()
      await look(page, `exports-options-${size}`)
      const asked = (await downloadedBytes(page, () => download.click())).toString('utf16le')
      const born = /;(\d\d)\/(\d\d)\/(\d{4});/
      expect(asked).toMatch(/^\uFEFFRegistration ID;Bib;Last Name;/)
      expect(asked).toMatch(/\r\nhaku-\d+;/)
      expect(asked).toMatch(/;(fe)?male;/)
      // The same day in both, month and day the other way round.
      const [, month, day, year] = born.exec(plain.replaceAll(',', ';')) ?? []
      expect(born.exec(asked)?.slice(1)).toEqual([day, month, year])

      await page.getByRole('button', { name: 'Back to the defaults' }).click()
      expect(await focused(page)).toBe('Options: comma, UTF-8, 02/03/1990, M/F/X')
      await page.getByLabel('Encoding').selectOption('windows-1252')
      expect(await page.getByLabel('Byte order mark').count()).toBe(0)
      await page.getByLabel('For', { exact: true }).selectOption('json')
      await page.getByText('Options: M/F/X').waitFor()
      expect(await page.getByLabel('Encoding').count()).toBe(0)
      const { participants } = JSON.parse(await downloaded(page, () => download.click())) as {
        participants: unknown[]
      }
      expect(participants.length).toBeGreaterThan(20)

      await page.getByLabel('For', { exact: true }).selectOption('mylaps')
      await page.getByLabel('Who', { exact: true }).selectOption('list exported')
      const since = await downloaded(page, () => download.click())
      expect(since.trim().split('\n')).toHaveLength(1)
      await page.getByLabel('Which file').selectOption('withdrawn')
      expect(new URL((await download.getAttribute('href')) ?? '', stage.url).search).toBe(
        '?since=list+exported&withdrawn=true',
      )

      // As when three others are at it.
      await page.route('**/exports/**', (route) =>
        route.fulfill({
          status: 429,
          contentType: 'application/problem+json',
          body: JSON.stringify({
            title: '3 files are being sent at this moment',
            code: 'EXPORTS_BUSY',
            hint: 'Ask again.',
          }),
        }),
      )
      await download.click()
      await page.getByRole('alert').getByText('3 files are being sent').waitFor()
      await look(page, `exports-refused-${size}`)
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it.each(LOOKS)(
    'removes a frozen list when that is meant, and shows one that is damaged, on a $size',
    {
      timeout: LONG,
    },
    async ({ size, colorScheme }) => {
      const { context, page, complaints } = await open(size, { to: '/exports', colorScheme })
      await page.getByText('Nothing is frozen yet.').waitFor()
      const frozen = page.getByRole('listitem').filter({ hasText: 'by Lantern board' })
      for (let made = 1; made <= 2; made++) {
        await page.getByRole('button', { name: 'Freeze this list' }).click()
        await frozen.nth(made - 1).waitFor()
      }
      await sql`UPDATE freezes SET state = '{}' WHERE freeze_id = (SELECT max(freeze_id) FROM freezes)`.execute(
        db,
      )
      await page.reload()
      await frozen.filter({ hasText: 'Damaged' }).waitFor()
      expect(await frozen.count()).toBe(2)
      expect(await frozen.getByRole('link', { name: /^Download/ }).count()).toBe(1)
      await look(page, `freezes-${size}`)

      const file = await downloaded(page, () => frozen.getByRole('link', { name: /^Download/ }).click())
      expect(file).toMatch(/^\uFEFFRegistrationID,/)
      const remove = frozen.filter({ hasText: 'sha256' }).getByRole('button', { name: /^Remove/ })
      await remove.click()
      const dialog = page.getByRole('dialog', { name: 'Remove this frozen list?' })
      await look(page, `freeze-remove-${size}`)
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      expect(await focused(page)).toMatch(/^Remove/)
      expect(await frozen.count()).toBe(2)
      await remove.click()
      await dialog.getByRole('button', { name: 'Remove for good' }).click()
      await frozen.filter({ hasText: 'sha256' }).waitFor({ state: 'detached' })
      expect(await focused(page)).toBe('Freeze this list')
      await frozen.getByRole('button', { name: /^Remove/ }).click()
      await dialog.getByRole('button', { name: 'Remove for good' }).click()
      await page.getByText('Nothing is frozen yet.').waitFor()
      expect(complaints).toEqual([])
      await context.close()
    },
  )

  it('shows more, beyond what one answer may have, and keeps the place when there is news', {
    timeout: LONG,
  }, async () => {
    const { context, page, complaints } = await open('desktop')
    const [ana] = people as [Person]
    const asked: (readonly [limit: number, cursor: string | null])[] = []
    let text = 'as first read'
    let held: PromiseWithResolvers<void> | null = null
    // A race of 1,260 people, behind the API's own limit.
    await page.route('**/participants?*', async (route) => {
      const query = new URL(route.request().url()).searchParams
      const [limit, cursor] = [Number(query.get('limit')), query.get('cursor')]
      asked.push([limit, cursor])
      const wait = held
      held = null
      await wait?.promise
      const from = Number(cursor ?? 0)
      const items = Array.from({ length: Math.min(limit, 1_260 - from) }, (_, i) => ({
        ...{
          id: `S${from + i + 1}`,
          firstName: text,
          lastName: `${from + i + 1}`,
          bib: null,
          status: 'active',
        },
      }))
      const next = from + limit < 1_260 ? String(from + limit) : null
      await route.fulfill(
        limit > 1_000
          ? { status: 400, json: { title: 'limit: at most 1000', code: 'BAD_INPUT' } }
          : { json: { items, next } },
      )
    })
    await page.goto(`${stage.url}/${HARBOR}/participants`)
    const rows = page.getByRole('rowheader')
    const button = page.getByRole('button', { name: 'Show more' })
    await page.getByText('The first 50 people', { exact: true }).waitFor()
    // A look for news that takes long is no reason to refuse a wish.
    const slow = Promise.withResolvers<void>()
    held = slow
    const looked = page.waitForRequest('**/participants?*')
    await giveBib(ana, '0898')
    await looked
    await button.click()
    await page.getByText('The first 100 people', { exact: true }).waitFor()
    slow.resolve()
    for (let shown = 100; shown < 1_150; shown += 50) {
      await page.getByText(`The first ${shown.toLocaleString('en-US')} people`, { exact: true }).waitFor()
      await button.click()
    }
    await page.getByText('The first 1,150 people', { exact: true }).waitFor()
    // A page a press, and what is shown is asked for again only where there was news.
    expect(new Set(asked.filter(([limit]) => limit === 50).map(([, cursor]) => cursor)).size).toBeGreaterThan(
      15,
    )

    const before = await rows.nth(1_149).boundingBox()
    text = 'as read again'
    asked.length = 0
    await giveBib(ana, '0899')
    await page.getByText('as read again 1150', { exact: true }).waitFor()
    expect(await rows.count()).toBe(1_150)
    expect((await rows.nth(1_149).boundingBox())?.y).toBe(before?.y)
    for (const answer of [
      [1_000, null],
      [150, '1000'],
    ])
      expect(asked).toContainEqual(answer)
    for (const shown of ['1,200', '1,250']) {
      await button.click()
      await page.getByText(`The first ${shown} people`, { exact: true }).waitFor()
    }
    await button.click()
    await page.getByText('1,260 people', { exact: true }).waitFor()
    expect(await rows.count()).toBe(1_260)
    expect(complaints).toEqual([])
    await giveBib(ana, null)
    await context.close()
  })

  it('says what it reads while it does, and what to do when it cannot', { timeout: LONG }, async () => {
    const { context, page } = await open('phone')
    let held = Promise.withResolvers<void>()
    let isAway = true
    await page.route('**/bib-conflicts*', async (route) => {
      await held.promise
      // A page that was told to read again has given the first reading up.
      if (!isAway) return route.continue().catch(() => {})
      await route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: JSON.stringify({ title: 'startlist is opening its database', code: 'STARTING' }),
      })
    })
    await page.goto(`${stage.url}/${HARBOR}/bibs`)
    await page.getByRole('status', { name: 'Reading The conflicts' }).waitFor()
    held.resolve()
    await page.getByText('startlist is opening its database').waitFor()
    await look(page, 'bibs-unread-phone')
    // Held back until the press: a look for news might bring the answer before it.
    held = Promise.withResolvers()
    isAway = false
    await page.getByRole('button', { name: 'Try again' }).click()
    held.resolve()
    await page.getByText('No bib is at odds.').waitFor()
    await context.close()
  })

  it('shows the last six hours of the list on the race’s page, as its card does', {
    timeout: LONG,
  }, async () => {
    const { context, page } = await open('phone')
    const strip = (of: Pick<Page, 'getByRole'>) =>
      of.getByRole('img', { name: /^List, last 6 h: (always on time|late)/ })
    await strip(page).waitFor()
    await page.goto(`${stage.url}/#/`)
    await strip(page.getByRole('article', { name: 'Harbor Half' })).waitFor()
    await context.close()
  })
})
