import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/api/app.ts'
import { STARTING } from '../../src/api/readiness.ts'
import { listen } from '../../src/api/server.ts'

const PAGE = '<!doctype html><title>startlist</title>'
const SCRIPT = 'console.log(1)'

let built: string
beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'startlist-pages-'))
  mkdirSync(join(built, 'assets'))
  write('index.html', PAGE)
  write('assets/index-Ab12.js', SCRIPT)
})
afterAll(() => rmSync(built, { recursive: true }))

function write(name: string, text: string): void {
  writeFileSync(join(built, name), text)
  writeFileSync(join(built, `${name}.br`), brotliCompressSync(text))
  writeFileSync(join(built, `${name}.gz`), gzipSync(text))
}

/** Pages need no database: it is still being opened. */
const appWith = (pages: string) =>
  createApp(
    {
      services: () => null,
      failed: () => {},
      readiness: async () => STARTING,
      metrics: async () => ({ text: '', contentType: 'text/plain' }),
    },
    pages,
  )

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  appWith(built).request(path, { headers, method })

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

describe('the pages', () => {
  it('come with their type, and with a policy that runs nothing but their own files', async () => {
    const answer = await get('/')
    expect([answer.status, await answer.text()]).toEqual([200, PAGE])
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('are asked for again, their hashed files never', async () => {
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache')
    const script = await get('/assets/index-Ab12.js')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  })

  it('are sent as the build compressed them, to whoever understands it', async () => {
    const encoded = async (accepted: string) => {
      const answer = await get('/assets/index-Ab12.js', { 'accept-encoding': accepted })
      return { encoding: answer.headers.get('content-encoding'), bytes: await bytesOf(answer) }
    }
    const brotli = await encoded('gzip, deflate, br')
    expect([brotli.encoding, brotliDecompressSync(brotli.bytes).toString()]).toEqual(['br', SCRIPT])
    const gzip = await encoded('gzip;q=1, br;q=0')
    expect([gzip.encoding, gunzipSync(gzip.bytes).toString()]).toEqual(['gzip', SCRIPT])
    expect(await encoded('identity')).toEqual({ encoding: null, bytes: Buffer.from(SCRIPT) })
    expect((await get('/')).headers.get('vary')).toBe('Accept-Encoding')
  })

  it('are not sent again to whoever has them, in the form that it has', async () => {
    const first = await get('/', { 'accept-encoding': 'br' })
    const etag = first.headers.get('etag') ?? ''
    const again = await get('/', { 'accept-encoding': 'br', 'if-none-match': `"other", W/${etag}` })
    expect([again.status, (await bytesOf(again)).length]).toEqual([304, 0])
    expect((await get('/', { 'if-none-match': etag })).status).toBe(200)
  })

  it('are only those that were built', async () => {
    for (const path of ['/assets/nothing.js', '/assets/../../package.json', '/index.html.br', '/races/1'])
      expect((await get(path)).status).toBe(404)
  })

  it('answer HEAD over a real connection without a body', async () => {
    const server = await listen(appWith(built), { host: '127.0.0.1', port: 0 })
    const answer = await fetch(`http://127.0.0.1:${server.port}/`, { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    await server.close()
  })
})

describe('without a build', () => {
  it('says in a sentence what to do', async () => {
    const answer = await appWith(join(built, 'nowhere')).request('/')
    expect(answer.status).toBe(503)
    expect(await answer.text()).toBe(
      'The dashboard is not built. Run npm run build beside bin/, and restart startlist run.\n',
    )
  })
})
