import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, expect, it } from 'vitest'
import { setBib } from '../../src/simulator/index.ts'
import { setSecret } from '../../src/store/credentials.ts'
import { beginRotation, endRotation, resealAll, rotationStage } from '../../src/store/key-rotation.ts'
import { replaceStored, storedSecrets } from '../../src/store/sealed.ts'
import { keyId, seal, sealedWith } from '../../src/store/secrets.ts'
import { syncAccount } from '../../src/sync/account-sync.ts'
import { withAccount } from '../../src/sync/open-account.ts'
import { type Race, race, stopRace } from './crash/race.ts'

afterEach(stopRace)

/** A poll by a process that has this key. */
async function pollWith(r: Race, key: string) {
  r.clock.advance(60_000)
  const services = { ...r.installation.services, key }
  return withAccount(services, await r.installation.accountOf(r.clientId), { class: 'person' }, (account) =>
    syncAccount(account, {}),
  )
}

const fine = { stopped: null, events: [{ error: null }] }

/** Which keys sealed what lies in the database. */
async function sealers(r: Race): Promise<Set<string | null>> {
  return new Set((await storedSecrets(r.db)).map(({ value }) => sealedWith(value)))
}

it('processes with the old key and with the new one work on while the key is changed, for no call more', async () => {
  const r = await race({ participants: 20 })
  await r.settled()
  const old = r.installation.services.key
  const next = await beginRotation(r.db, old)
  expect(await sealers(r)).toEqual(new Set([keyId(old)]))
  // Before, amid and after resealing, and with bibs that change meanwhile.
  for (const [i, work] of [async () => {}, () => resealAll(r.db, old, next), async () => {}].entries()) {
    await work()
    for (const key of [old, next]) {
      setBib(r.world, r.event.id, r.nth(3), String(900 + i))
      const calls = await r.callsOf(async () => expect(await pollWith(r, key)).toMatchObject(fine))
      expect(calls).toMatchObject({ list: 1, token: 0 })
      expect(await r.differences()).toEqual([])
    }
  }
  expect([await rotationStage(r.db, old), await rotationStage(r.db, next)]).toEqual(['old', 'new'])
  // The old process renews the token: the new one reads that as well.
  r.clock.advance(3_600_000)
  expect(await pollWith(r, old)).toMatchObject(fine)
  expect(await r.callsOf(() => pollWith(r, next))).toMatchObject({ token: 0 })
  expect(await sealers(r)).toEqual(new Set([keyId(old), keyId(next)]))
  expect(await resealAll(r.db, next, next)).toBe(1)
  await endRotation(r.db, next)
  expect(await sealers(r)).toEqual(new Set([keyId(next)]))
  expect(await pollWith(r, next)).toMatchObject(fine)
})

it('the old key opens nothing once the rotation is ended: a clear error, no call, and nothing marked', async () => {
  const r = await race({ participants: 5 })
  await r.settled()
  const old = r.installation.services.key
  const next = await beginRotation(r.db, old)
  await resealAll(r.db, old, next)
  await endRotation(r.db, next)
  for (const wrong of [old, randomBytes(32).toString('base64')]) {
    const calls = await r.callsOf(async () => {
      await expect(pollWith(r, wrong)).rejects.toMatchObject({ code: 'KEY_WRONG' })
    })
    expect(calls.all).toBe(0)
  }
  const { rows } = await sql`SELECT state FROM partner_provider_credentials`.execute(r.db)
  expect(rows).toEqual([{ state: 'Ready' }])
  expect(await pollWith(r, next)).toMatchObject(fine)
})

it('a token that was sealed with a lost key is as none: the secret gets another, for one call', async () => {
  const r = await race({ participants: 5 })
  await r.settled()
  const token = (await storedSecrets(r.db)).find(({ kind }) => kind === 'token')!
  const lost = randomBytes(32).toString('base64')
  await replaceStored(r.db, token, await seal(lost, token.context, '{}'))
  const { key } = r.installation.services
  expect(await r.callsOf(() => pollWith(r, key))).toMatchObject({ token: 1, list: 1 })
  // Nor does it keep the key from being changed.
  const again = (await storedSecrets(r.db)).find(({ kind }) => kind === 'token')!
  await replaceStored(r.db, again, await seal(lost, again.context, '{}'))
  const next = await beginRotation(r.db, key)
  expect(await resealAll(r.db, key, next)).toBe(1)
  expect(await r.callsOf(() => pollWith(r, next))).toMatchObject({ token: 1, list: 1 })
})

it('two who begin at once, and one who begins again, go on with the same key', async () => {
  const r = await race({ participants: 1 })
  const { key } = r.installation.services
  const [one, two] = await Promise.all([beginRotation(r.db, key), beginRotation(r.db, key)])
  expect(one).toBe(two)
  await resealAll(r.db, key, one)
  expect(await beginRotation(r.db, key)).toBe(one)
})

it('nothing begins with a key that does not open everything', async () => {
  const r = await race({ participants: 1 })
  await expect(beginRotation(r.db, randomBytes(32).toString('base64'))).rejects.toMatchObject({
    code: 'KEY_WRONG',
  })
  expect(await rotationStage(r.db, r.installation.services.key)).toBe('none')
})

it('a secret that is changed while it is resealed stays as it was changed, and plain ones stay plain', async () => {
  const r = await race({ participants: 1 })
  const { key } = r.installation.services
  const secret = (await storedSecrets(r.db)).find(({ kind }) => kind === 'credential')!
  await setSecret(r.db, secret.id, 'a-plain-legacy-secret')
  expect(await replaceStored(r.db, secret, 'resealed')).toBe(false)
  const next = await beginRotation(r.db, key)
  await resealAll(r.db, key, next)
  expect((await storedSecrets(r.db)).map(({ value }) => value)).toContain('a-plain-legacy-secret')
})
