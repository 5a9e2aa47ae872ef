import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { CLIENT, type CliScene, OTHER_SECRET, openCliScene, SECRET } from './scene.ts'

let scene: CliScene
let haku: CliScene['haku']
let startlist: CliScene['startlist']
/** Two timing partners share an account, and have read the race that comes. */
beforeAll(async () => {
  scene = await openCliScene()
  ;({ haku, startlist } = scene)
  await startlist.run(['partners', 'add', '--name', 'Lantern Timing', '--timezone', 'America/New_York'])
  await startlist.run(['partners', 'add', '--name', 'Second Mat', '--id', '7'])
  for (const [partner, input] of [
    ['1', SECRET],
    ['7', OTHER_SECRET],
  ] as const) {
    const words = ['--partner', partner, '--provider', 'haku', '--org', 'Lantern Bay', '--principal', CLIENT]
    await startlist.run(['credentials', 'add', ...words, '--secret-stdin'], { input })
  }
  await startlist.run(['discover'])
  expect(await startlist.run(['sync'])).toMatchObject({ code: 0 })
})
afterAll(() => scene?.stop())

describe('a credential', () => {
  it('that is paused is skipped without a call, and its partner is levelled afterwards', async () => {
    await startlist.run(['credentials', 'pause', '2'])
    const before = haku.calls.last
    expect(await startlist.json(['sync', '--partner', '7'])).toMatchObject({
      code: 3,
      lines: [{ credentialId: 2, state: 'Paused' }],
    })
    expect(haku.calls.last).toBe(before)
    haku.world.addRegistration(haku.world.event('soon'), haku.world.now(), '900')
    expect(await startlist.json(['sync'])).toMatchObject({
      code: 3,
      lines: [{ partnerId: 1, inserted: 1 }, { credentialId: 2 }],
    })
    expect(await startlist.json(['credentials', 'resume', '2'])).toMatchObject({
      lines: [{ state: 'Ready' }],
    })
    const polled = await startlist.json(['sync'])
    expect(polled.code).toBe(0)
    const { lines } = await startlist.json(['participants', '--event', 'soon', '--partner', '7'])
    expect(lines).toHaveLength(31)
  })

  it('that is removed leaves what it brought', async () => {
    expect(await startlist.run(['credentials', 'remove', '2'])).toMatchObject({ code: 0 })
    expect((await startlist.json(['credentials', 'list'])).lines).toMatchObject([{ id: 1, shared: false }])
    expect((await startlist.json(['participants', '--event', 'soon', '--partner', '7'])).lines).toHaveLength(
      31,
    )
  })
})

describe('a provider', () => {
  it('that is down ends with 1, and says so for the event', async () => {
    const down = haku.faults.add({ fault: { kind: 'status', status: 503 }, match: { eventId: 'soon' } })
    const ended = await startlist.json(['sync', '--event', 'soon'])
    down.remove()
    expect(ended.code).toBe(1)
    expect(ended.lines).toMatchObject([
      { eventId: 'soon', complete: false },
      { error: { code: 'PROVIDER_DOWN' }, eventId: 'soon' },
    ])
  })
})

describe('the quota', () => {
  it('that is spent ends with 3, and says until when', async () => {
    const before = haku.calls.last
    const options = { env: { HAKU_QUOTA_PER_HOUR: '1' } }
    const human = await startlist.run(['sync'], options)
    expect(human.code).toBe(3)
    expect(human.stderr).toMatch(/quota is spent until \d\d:\d\d \S+ \(in \d+ min\)\. .*--wait/)
    const machine = await startlist.json(['sync', '--event', 'soon'], options)
    expect(machine).toMatchObject({
      code: 3,
      lines: [
        { eventId: 'soon', calls: 0 },
        { error: { code: 'QUOTA_SPENT', retryAt: expect.stringMatching(/^\d{4}-.*Z$/) } },
      ],
    })
    const found = await startlist.run(['discover'], options)
    expect(found.code).toBe(3)
    expect(found.stderr).toMatch(/quota is spent until \d\d:\d\d \S+ \(in \d+ min\)\. Run the command again/)
    expect(haku.calls.last).toBe(before)
    const { lines } = await startlist.json(['status'])
    expect(lines[0]).toMatchObject({
      problem: 'failing',
      message: 'the last pass ended early (QUOTA_SPENT)',
    })
    await startlist.run(['sync'])
  })
})

describe('a signal', () => {
  it('ends a sync between two calls, and the next sync goes on from there', async () => {
    haku.world.addEvent(haku.world.organization(CLIENT), { id: 'big', participants: 60 })
    await startlist.run(['discover'])
    const slow = haku.faults.add({
      fault: { kind: 'slow', ms: 300 },
      match: { eventId: 'big', endpoint: 'detail' },
    })
    const before = haku.calls.last
    const calls = () => haku.calls.list({ afterCall: before, eventId: 'big', endpoint: 'detail' })
    const ended = await startlist.run(['sync', '--event', 'big'], {
      onStart: async (kill) => {
        for (let i = 0; i < 500 && calls().length < 3; i++) await systemClock.sleep(20)
        kill('SIGINT')
      },
    })
    slow.remove()
    expect(ended.code).toBe(130)
    expect(ended.stderr).toMatch(/interrupted\. What was read is stored/)
    expect(calls().length).toBeLessThan(6)

    const again = await startlist.json(['sync', '--event', 'big'])
    expect(again.code).toBe(0)
    // At most the call in flight is repeated (N3).
    expect(calls().length).toBeLessThanOrEqual(61)
  })
})
