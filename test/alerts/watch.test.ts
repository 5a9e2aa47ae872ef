import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import { expect, it, onTestFinished } from 'vitest'
import { channelsOf } from '../../src/alerts/channels.ts'
import { deliver, type Undelivered } from '../../src/alerts/deliver.ts'
import { look } from '../../src/alerts/look.ts'
import type { Alert, Rule } from '../../src/alerts/rule.ts'
import { rules } from '../../src/alerts/rules/index.ts'
import { lookAndDeliver } from '../../src/alerts/watch.ts'
import { loadConfig } from '../../src/config.ts'
import { VirtualClock } from '../../src/domain/clock.ts'
import type { Db } from '../../src/store/database.ts'
import { testDatabase } from '../helpers/database.ts'
import { startMailServer, startWebhook } from './receivers.ts'

const MINUTE = 60_000
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`

const made = (key: string): Alert => ({ key, message: `${key} <!channel> is wrong`, hint: 'Mend it.' })

async function watched() {
  // Signatures are only believed near the present.
  const clock = new VirtualClock(Math.floor(performance.timeOrigin + performance.now()))
  const { db } = await testDatabase({ virtualClock: clock })
  const [webhook, mail] = await Promise.all([startWebhook(), startMailServer()])
  onTestFinished(async () => {
    await Promise.all([webhook.stop(), mail.stop()])
  })
  const config = loadConfig({
    root: '/nonexistent',
    env: {
      STARTLIST_ALERT_WEBHOOK_URL: webhook.url,
      STARTLIST_ALERT_WEBHOOK_SECRET: SECRET,
      STARTLIST_ALERT_SMTP_URL: mail.url,
      STARTLIST_ALERT_MAIL_FROM: 'startlist@example.com',
      STARTLIST_ALERT_MAIL_TO: 'ana@example.com, ben@example.com',
    },
  })
  const open = new Set<string>()
  let looks = 0
  const rule: Rule = {
    name: 'made',
    every: MINUTE,
    look: async () => {
      looks++
      return [...open].map(made)
    },
  }
  const sources = { db, config, clock }
  const channels = channelsOf(config.alerts)
  const undelivered: Undelivered[] = []
  return {
    ...{ clock, db, webhook, mail, open, sources, rule, channels, undelivered },
    looks: () => looks,
    lookNow: () => look(sources, { rules: [rule], channels: ['webhook', 'email'] }),
    async round() {
      const errors: unknown[] = []
      await lookAndDeliver(sources, {
        rules: [rule],
        channels,
        report: {
          news: () => {},
          undelivered: (one) => undelivered.push(one),
          problem: (e) => errors.push(e),
        },
      })
      expect(errors).toEqual([])
    },
  }
}

it('tells by a signed webhook that Slack can show, and by mail, once', async () => {
  const { open, round, clock, webhook, mail } = await watched()
  open.add('a')
  await round()
  clock.advance(MINUTE)
  await round()
  expect(webhook.posted).toHaveLength(1)
  expect(mail.mails).toHaveLength(1)
  const { headers, body } = webhook.posted[0]!
  const payload = new Webhook(SECRET).verify(body, headers as Record<string, string>)
  expect(payload).toMatchObject({
    type: 'startlist.alerts',
    text: expect.stringContaining('a &lt;!channel&gt; is wrong'),
    data: { alerts: [{ key: 'a', state: 'opened', rule: 'made' }], more: 0 },
  })
  expect(mail.mails[0]).toMatch(/^To: ana@example.com, ben@example.com$/m)
  expect(mail.mails[0]).toMatch(/^Subject: startlist: opened: a/m)
})

it('tells once however many processes look at the same moment', async () => {
  const { open, lookNow, looks, db, clock } = await watched()
  await lookNow()
  open.add('a')
  clock.advance(MINUTE)
  // All have seen that the rule is due, and wait for the row that says so.
  const all = await db.transaction().execute(async (trx) => {
    await sql`SELECT FROM alert_rules FOR UPDATE`.execute(trx)
    const looking = Promise.all(Array.from({ length: 5 }, lookNow))
    await expect.poll(() => waitingForLocks(db)).toBe(5)
    return { looking }
  })
  expect((await all.looking).flatMap(({ news }) => news)).toHaveLength(1)
  expect(looks()).toBe(2)
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM alert_messages`.execute(db)
  expect(rows[0]?.n).toBe(2)
})

async function waitingForLocks(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(db)
  return rows[0]?.n ?? 0
}

it('says "resolved" when it stays away, and opens anew after that', async () => {
  const { open, round, clock, webhook } = await watched()
  const said = () =>
    webhook.posted.flatMap(({ body }) =>
      (JSON.parse(body) as { data: { alerts: { state: string }[] } }).data.alerts.map(({ state }) => state),
    )
  open.add('a')
  await round()
  open.delete('a')
  for (let minute = 0; minute < 6; minute++) {
    clock.advance(MINUTE)
    await round()
  }
  expect(said()).toEqual(['opened', 'resolved'])
  open.add('a')
  clock.advance(MINUTE)
  await round()
  expect(said()).toEqual(['opened', 'resolved', 'opened'])
})

it('tries again with the same id until it arrives, and keeps the address to itself', async () => {
  const { open, round, clock, webhook, undelivered, mail } = await watched()
  webhook.answers.push(503, 302)
  open.add('a')
  await round()
  expect(undelivered).toMatchObject([{ channel: 'webhook', attempts: 1 }])
  expect(String(undelivered[0]?.error)).not.toContain('hidden-path')
  clock.advance(20_000)
  await round()
  expect(webhook.posted).toHaveLength(1)
  for (const wait of [10_000, 60_000]) {
    clock.advance(wait)
    await round()
  }
  expect(webhook.posted).toHaveLength(3)
  expect(new Set(webhook.posted.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(undelivered).toHaveLength(2)
  expect(mail.mails).toHaveLength(1)
})

it('leaves a message to the next process when this one dies before it is sent', async () => {
  const { open, lookNow, sources, channels, webhook } = await watched()
  open.add('a')
  await lookNow()
  expect(webhook.posted).toHaveLength(0)
  await deliver(sources, channels)
  expect(webhook.posted).toHaveLength(1)
})

it('goes on with the other rules when one cannot be looked at, and does not call its alerts resolved', async () => {
  const { open, rule, sources, clock } = await watched()
  const broken: Rule = { name: 'broken', every: MINUTE, look: async () => [made('b')] }
  await look(sources, { rules: [broken], channels: [] })
  broken.look = () => Promise.reject(new Error('away'))
  open.add('a')
  clock.advance(10 * MINUTE)
  const { news, failed } = await look(sources, { rules: [broken, rule], channels: [] })
  expect(news.map(({ key }) => key)).toEqual(['a'])
  expect(failed.map(({ rule: name }) => name)).toEqual(['broken'])
})

it('reads every rule of an installation, and finds a late race, silence, a refused secret, a hold and a mismatch', async () => {
  const { db, sources, clock } = await watched()
  expect(await look(sources, { rules, channels: [] })).toEqual({ news: [], failed: [] })
  await sql`
    INSERT INTO timing_partners (timing_partner_id, company_name) VALUES (1, 'Alder Timing');
    INSERT INTO accounts (account_id, provider, principal) OVERRIDING SYSTEM VALUE VALUES (1, 'haku', 'c1');
    INSERT INTO partner_provider_credentials (timing_partner_id, provider_id, principal, secret, account_id, state)
      SELECT 1, provider_id, 'c1', 'sealed', 1, 'Refused' FROM providers WHERE name = 'Haku';
    INSERT INTO haku_events (event_id, timing_partner_id, account_id, event_name, starts_at)
      VALUES ('e1', 1, 1, 'Harbor Half', startlist.clock() + interval '2 hours'),
        ('e2', 1, 1, 'Far Ten', startlist.clock() + interval '20 days');
    INSERT INTO holds (provider, account_id, event_id, kind, reason, absent, known, opened_at)
      VALUES ('haku', 1, 'e1', 'removal', 'many', 40, 50, startlist.clock())`.execute(db)
  await sql`
    INSERT INTO audits (provider, timing_partner_id, event_id, account_id, audited_at, complete, ours, count_verdict,
      sampled, blind, moved, gone, replayed, calls) VALUES ('haku', 1, 'e1', 1, startlist.clock(), true, 50, 'untold', 0, 0, 0, 0, 0, 1);
    INSERT INTO audit_findings (provider, timing_partner_id, event_id, kind, participant_id, fields, first_seen, last_seen)
      VALUES ('haku', 1, 'e1', 'row', 'R1', '{bib_number}', startlist.clock(), startlist.clock());
    UPDATE accounts SET told_excess = 7`.execute(db)
  await sql`UPDATE sync_state SET due_at = startlist.clock() - interval '20 minutes', every_ms = 60000,
    urgent_at = startlist.clock() + CASE event_id WHEN 'e1' THEN interval '2 hours' ELSE interval '20 days' END`.execute(
    db,
  )
  await sql`INSERT INTO sync_state (account_id, event_id, sweep_due_at)
    VALUES (1, 'e3', startlist.clock() - interval '7 hours')`.execute(db)
  clock.advance(15 * MINUTE)
  const { news, failed } = await look(sources, { rules, channels: [] })
  expect(failed).toEqual([])
  expect(news.map(({ key }) => key).sort()).toEqual([
    'audit-mismatch:haku:1:e1',
    'audit-mismatch:ledger:1',
    'backfill-stalled:1',
    'credential-refused:1',
    'hold-open:1',
    'no-poll',
    'race-late:1',
  ])
  const late = news.find(({ rule: name }) => name === 'race-late')
  expect(late?.message).toContain('Harbor Half')
  expect(late?.message).not.toContain('Far Ten')
  await sql`UPDATE partner_provider_credentials SET state = 'Paused'`.execute(db)
  clock.advance(10 * MINUTE)
  const after = await look(sources, { rules, channels: [] })
  expect(after.news.map(({ key, state }) => `${key} ${state}`).sort()).toEqual([
    'backfill-stalled:1 resolved',
    'credential-refused:1 resolved',
    'no-poll resolved',
    'race-late:1 resolved',
  ])
})
