import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const OTHER = Buffer.alloc(32, 9).toString('base64')
const ADDRESS = 'postgres://me:hunter2hunter2@db.test:6543/races'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'startlist-secret-files-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const load = (env: Record<string, string>) => loadConfig({ env, root })

function file(name: string, text: string): string {
  const path = join(root, name)
  writeFileSync(path, text)
  return path
}

describe('secrets in files', () => {
  it('are read from the file that NAME_FILE names, without the newline at its end', () => {
    const config = load({
      DATABASE_URL_FILE: file('url', `${ADDRESS}\n`),
      STARTLIST_KEY_FILE: file('key', `${KEY}\n`),
    })
    expect(config).toMatchObject({ databaseUrl: ADDRESS, key: KEY })
  })

  it('are read from systemd credentials, and go before .env', () => {
    file('startlist_STARTLIST_KEY', `${KEY}\n`)
    file('.env', `STARTLIST_KEY=${OTHER}\n`)
    expect(load({ CREDENTIALS_DIRECTORY: root })).toMatchObject({ databaseUrl: null, key: KEY })
  })

  it('give way to the environment', () => {
    file('startlist_STARTLIST_KEY', OTHER)
    expect(load({ CREDENTIALS_DIRECTORY: root, STARTLIST_KEY: KEY }).key).toBe(KEY)
  })

  it('are not there when the directory has none', () => {
    expect(load({ CREDENTIALS_DIRECTORY: root })).toMatchObject({ databaseUrl: null, key: null })
  })

  it('are an error that names the variable, not the path, when the file cannot be read', () => {
    expect(() => load({ STARTLIST_KEY_FILE: join(root, 'hunter2') })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('STARTLIST_KEY_FILE'),
      }),
    )
    expect(() => load({ STARTLIST_KEY_FILE: join(root, 'hunter2') })).not.toThrow(/hunter2/)
  })

  it('are an error when the variable itself is set beside its file', () => {
    const both = { STARTLIST_KEY: KEY, STARTLIST_KEY_FILE: file('key', OTHER) }
    expect(() => load(both)).toThrow(/STARTLIST_KEY and STARTLIST_KEY_FILE are both set/)
  })
})
