import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { startWebhook } from '../alerts/receivers.ts'
import { Program } from '../cli/run-startlist.ts'
import { testDatabase } from '../helpers/database.ts'
import { killRuns, startRun } from '../helpers/running.ts'

async function installed() {
  const { db, url } = await testDatabase()
  const webhook = await startWebhook()
  const env = {
    DATABASE_URL: url,
    STARTLIST_KEY: Buffer.alloc(32, 5).toString('base64'),
    STARTLIST_ALERT_WEBHOOK_URL: webhook.url,
  }
  const startlist = new Program(env)
  onTestFinished(async () => {
    killRuns()
    startlist.dispose()
    await webhook.stop()
  })
  await sql`INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1');
    INSERT INTO holds (provider, account_id, event_id, kind, reason, absent, known, opened_at)
      VALUES ('haku', 1, 'e1', 'removal', 'many', 40, 50, startlist.clock())`.execute(db)
  return { startlist, webhook, env: { ...env, STARTLIST_HOME: startlist.home } }
}

it('alerts test says whether each channel takes a message, and never where it goes', async () => {
  const { startlist, webhook } = await installed()
  expect(await startlist.json(['alerts', 'test'])).toMatchObject({
    code: 0,
    lines: [{ channel: 'webhook', ok: true }],
  })
  webhook.answers.push(500)
  const failed = await startlist.json(['alerts', 'test'])
  expect(failed).toMatchObject({ code: 1, lines: [{ ok: false, error: { code: 'ALERT_UNDELIVERED' } }] })
  expect(failed.stdout + failed.stderr).not.toContain('hidden-path')
})

it('alerts check finds and delivers what is open, once, and exits with 3', async () => {
  const { startlist, webhook } = await installed()
  expect(await startlist.json(['alerts'])).toMatchObject({ code: 0, lines: [] })
  for (let i = 0; i < 2; i++)
    expect(await startlist.json(['alerts', 'check'])).toMatchObject({
      code: 3,
      lines: [{ key: 'hold-open:1' }],
    })
  expect(webhook.posted).toHaveLength(1)
})

it('run tells by itself, in its log and by webhook, and counts it', async () => {
  const { webhook, env } = await installed()
  const running = await startRun(env, ['--port', '0'])
  expect(await running.line(({ msg }) => msg === 'alert')).toMatchObject({
    level: 'warn',
    rule: 'hold-open',
    alert: 'hold-open:1',
    state: 'opened',
  })
  expect(await (await running.get('/metrics')).text()).toMatch(
    /^startlist_alerts_open\{rule="hold-open"\} 1$/m,
  )
  running.kill('SIGTERM')
  expect(await running.ended).toBe(143)
  expect(webhook.posted).toHaveLength(1)
})
