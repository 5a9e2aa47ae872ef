import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createToken } from '../../src/store/api-tokens.ts'
import type { PartnerEvent } from '../../src/store/changes.ts'
import { startWebhook } from '../alerts/receivers.ts'
import { Program } from '../cli/run-startlist.ts'
import { change, seedFeed } from '../feed/feeds.ts'
import { type TestDatabase, testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'

let database: TestDatabase
let startlist: Program
let at: PartnerEvent

beforeAll(async () => {
  database = await testDatabase()
  at = await seedFeed(database.db)
  startlist = new Program({
    DATABASE_URL: database.url,
    STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
  })
})
afterEach(killRuns)
afterAll(() => startlist?.dispose())

it('what changed since a mark: a line each, as CSV, as JSON, on the whole', async () => {
  const of = ['--event', 'dawn']
  await change(database.db, at, 1, { key: 'a', change: 'added', fields: { bib_number: [null, '7'] } })
  const added = await startlist.run(['marks', ...of, 'add', 'bibs printed'])
  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('behind change 1') })
  expect(await startlist.json(['marks', ...of, 'add', 'bibs printed'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'MARK_EXISTS' } }],
  })
  await change(database.db, at, 1, { key: 'a', fields: { bib_number: ['7', '8'] } })
  await change(database.db, at, 1, { key: 'a', fields: { bib_number: ['8', '9'], wave: [null, 'B'] } })
  await change(database.db, at, 1, { key: 'b', fields: { wave: ['A', 'B'] } })
  await change(database.db, at, 1, { key: 'b', fields: { wave: ['B', 'A'] } })
  const since = ['changes', ...of, '--since', 'bibs printed']
  const [lines, csv, net, shown, missing] = await Promise.all([
    startlist.run(since),
    startlist.run([...since, '--csv']),
    startlist.json([...since, '--net']),
    startlist.run(['marks', ...of]),
    startlist.json(['changes', ...of, '--since', 'nothing']),
  ])
  expect(lines.stdout.split('\n').filter(Boolean)).toHaveLength(4)
  expect(lines.stdout).toContain('bib number 8 -> 9')
  expect(lines.stdout).toContain('wave (none) -> B')
  expect(csv.stdout.trim().split('\n')).toHaveLength(6)
  expect(net.lines).toEqual([
    expect.objectContaining({ participantId: 'a', fields: { bib_number: ['7', '9'], wave: [null, 'B'] } }),
  ])
  expect(shown.stdout).toMatch(/bibs printed +\d+s +1 +4/)
  expect(missing).toMatchObject({ code: 2, lines: [{ error: { code: 'NO_SUCH_MARK' } }] })
  expect(await startlist.json(['marks', ...of, 'remove', 'bibs printed'])).toMatchObject({ code: 0 })
}, 120_000)

it('changes --follow goes on as they come, until it is told to stop', async () => {
  const following = startlist.json(['changes', '--event', 'dawn', '--after', '0', '--follow'], {
    onStart: (kill) => {
      const again = setInterval(() => void change(database.db, at, 1, { key: 'followed' }), 500)
      setTimeout(() => {
        clearInterval(again)
        kill('SIGTERM')
      }, 8_000)
    },
  })
  const { lines } = await following
  expect(lines.map(({ position }) => position)).toEqual(lines.map((_, i) => i + 1))
  expect(lines.filter(({ participantId }) => participantId === 'followed').length).toBeGreaterThan(1)
}, 120_000)

it('webhooks are added with a secret that is shown once, listed, tested and removed', async () => {
  const receiver = await startWebhook()
  onTestFinished(() => receiver.stop())
  const partner = String(at.partnerId)
  const added = await startlist.run(['webhooks', 'add', '--partner', partner, receiver.url])
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whsec_[A-Za-z0-9+/]+=*\n$/) })
  const list = await startlist.json(['webhooks', 'list'])
  expect(list.stdout).not.toContain('whsec_')
  const id = String(list.lines.at(-1)?.id)
  expect(await startlist.run(['webhooks', 'test', id])).toMatchObject({ code: 0 })
  receiver.answers.push(500)
  expect(await startlist.json(['webhooks', 'test', id])).toMatchObject({
    code: 1,
    lines: [{ error: { code: 'WEBHOOK_UNDELIVERED' } }],
  })
  expect(await startlist.json(['webhooks', 'add', '--partner', partner, 'https://10.0.0.1/'])).toMatchObject({
    code: 2,
    lines: [{ error: { code: 'ADDRESS_REFUSED' } }],
  })
  expect(await startlist.json(['webhooks', 'remove', id])).toMatchObject({ code: 0 })
}, 180_000)

it('a run that is killed while it posts: another sends the same delivery, with the same id', async () => {
  const posted: { headers: IncomingHttpHeaders; body: string }[] = []
  let answers = false
  const receiver = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    posted.push({ headers: request.headers, body })
    if (answers) response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  await startlist.run(['webhooks', 'add', '--partner', String(at.partnerId), url])
  const env = { ...startlist.env, STARTLIST_LOG_LEVEL: 'debug' }
  const first = await startRun(env, ['--port', '0'])
  await change(database.db, at, 2, { key: 'posted' })
  await until(() => posted.length === 1)
  first.kill('SIGKILL')
  await first.ended
  answers = true
  const second = await startRun(env, ['--port', '0'])
  await until(() => posted.length === 2)
  expect(posted[1]?.headers['webhook-id']).toBe(posted[0]?.headers['webhook-id'])
  expect(JSON.parse(posted[1]!.body).data).toEqual(JSON.parse(posted[0]!.body).data)
  // The same run serves what changes to whoever listens.
  const { token } = await createToken(database.db, {
    name: 'board',
    partnerId: at.partnerId,
    expiresAt: null,
  })
  const key = encodeURIComponent(`haku:${at.partnerId}:dawn`)
  const stream = await second.get(`/v1/events/${key}/changes/stream?after=0`, {
    headers: { authorization: `Bearer ${token}` },
  })
  let text = ''
  let isTold = false
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    // Once: a second signal would not let it finish.
    if (text.includes('posted') && !isTold) {
      isTold = true
      second.kill('SIGTERM')
    }
    if (text.includes('event: end')) break
  }
  expect(text).toContain('"code":"INTERRUPTED"')
  expect(await second.ended).toBe(143)
  expect(second.lines.map(({ msg }) => msg)).toContain('run ended')
}, 240_000)

async function until(isSo: () => boolean): Promise<void> {
  for (const end = performance.now() + 100_000; !isSo(); await new Promise((r) => setTimeout(r, 20)))
    if (performance.now() > end) throw new Error('it never came')
}
