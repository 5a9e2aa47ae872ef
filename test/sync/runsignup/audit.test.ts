import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/domain/clock.ts'
import { assignBibs, remove } from '../../../src/simulator/runsignup/index.ts'
import type { Audit } from '../../../src/store/audit/results.ts'
import { auditAccount } from '../../../src/sync/audit/audit-account.ts'
import { withAccount } from '../../../src/sync/open-account.ts'
import { installRunSignUp, type RaceInstallation } from '../../helpers/runsignup.ts'

let running: RaceInstallation | undefined
afterEach(async () => running?.stop())

it('an audit of a race compares its sample and its feed, and counts nothing where there are no totals', async () => {
  const r = await installRunSignUp({ clock: new VirtualClock('2026-05-01T16:00:00Z') })
  running = r
  const race = r.world.addRace(r.account, { timezone: 'America/Chicago' })
  const event = r.world.addEvent(race, { startsAt: '2026-05-02T07:00:00', participants: 30 })
  await r.discover()
  await r.sync()
  r.clock.advance(60_000)
  assignBibs(r.world, event.id)
  const [leaver = ''] = event.registrations.keys()
  remove(r.world, event.id, leaver)
  await r.sync()

  const audits: Audit[] = []
  const request = {
    class: 'upkeep',
    sample: 5,
    seed: 's',
    onEvent: (o: { audits: Audit[] }) => audits.push(...o.audits),
  } as const
  const audit = () =>
    withAccount(r.services, r.accountId, { class: 'upkeep' }, (open) => auditAccount(open, request))
  expect(await r.callsOf(audit)).toEqual({ participants: 5 })
  expect(audits).toMatchObject([{ count: 'untold', sampled: 5, blind: 0, replayed: 30, findings: [] }])
  await sql`UPDATE runsignup_participants SET bib_num = '4711' WHERE registration_id = ${[...event.registrations.keys()][1]}::bigint`.execute(
    r.db,
  )
  await audit()
  expect(audits[1]?.findings).toContainEqual({
    kind: 'feed',
    key: [...event.registrations.keys()][1],
    fields: ['bib_number'],
  })
})
