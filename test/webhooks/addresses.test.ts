import { describe, expect, it } from 'vitest'
import { assertWebhookUrl, guardedLookup, isAllowedAddress } from '../../src/webhooks/addresses.ts'

const strict = { networks: [], mayBeLocal: false }

describe('the address of a webhook', () => {
  it.each(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:8.8.8.8'])(
    '%s is of the internet',
    (address) => {
      expect(isAllowedAddress(address, strict)).toBe(true)
    },
  )

  it.each([
    ...[
      '127.0.0.1',
      '127.9.9.9',
      '10.0.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', 'fe80::1', 'fd00:ec2::254'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', 'ff02::1', '2001:db8::1'],
  ])('%s is not', (address) => {
    expect(isAllowedAddress(address, strict)).toBe(false)
  })

  it('may be of a network that was named, and of no other', () => {
    const rules = { networks: ['10.1.0.0/16', 'fd12::/16'], mayBeLocal: false }
    expect(isAllowedAddress('10.1.2.3', rules)).toBe(true)
    expect(isAllowedAddress('fd12::7', rules)).toBe(true)
    expect(isAllowedAddress('10.2.0.1', rules)).toBe(false)
    expect(isAllowedAddress('127.0.0.1', rules)).toBe(false)
  })

  it('may be this machine where an operator said so', () => {
    const rules = { networks: [], mayBeLocal: true }
    expect(isAllowedAddress('127.0.0.1', rules)).toBe(true)
    expect(isAllowedAddress('::1', rules)).toBe(true)
    expect(isAllowedAddress('10.0.0.1', rules)).toBe(false)
  })

  it.each([
    ['http://example.com/x', true],
    ['http://127.0.0.1:9/x', false],
    ['http://localhost:9/x', false],
    ['https://10.0.0.1/x', true],
    ['https://[::1]/x', false],
    ['https://0x7f.1/x', false],
    ['https://user:secret@example.com/', true],
    ['ftp://example.com/', true],
    ['nonsense', true],
  ])('%s is refused', (url, mayBeLocal) => {
    expect(() => assertWebhookUrl(url, { networks: [], mayBeLocal })).toThrow(
      expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
    )
  })

  it.each(['https://example.com/x', 'http://127.0.0.1:9/x', 'http://[::1]:9/x', 'http://localhost/x'])(
    '%s may be added by an operator',
    (url) => {
      expect(() => assertWebhookUrl(url, { networks: [], mayBeLocal: true })).not.toThrow()
    },
  )

  it('is judged where a name leads to, at the moment of the connection', async () => {
    const leading = (addresses: string[]) =>
      guardedLookup(strict, ((_: string, __: object, done: (...all: unknown[]) => void) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )) as never)
    const find = (addresses: string[], all: boolean) =>
      new Promise((resolve, reject) => {
        leading(addresses)('hooks.example.com', { all }, (error, found) =>
          error ? reject(error) : resolve(found),
        )
      })
    expect(await find(['8.8.8.8'], false)).toBe('8.8.8.8')
    expect(await find(['8.8.8.8'], true)).toEqual([{ address: '8.8.8.8', family: 4 }])
    await expect(find(['8.8.8.8', '10.0.0.1'], true)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' })
  })
})
