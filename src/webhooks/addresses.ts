import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { StartlistError } from '../domain/errors.ts'

/** Which addresses a webhook may be at: whoever may add one must not reach what only this machine can. */

/** Networks that are not the internet (the IANA's registries of special addresses). */
const SPECIAL = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // All but 2000::/3, and what of it leads back to IPv4 or is for examples.
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
]

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

/** A list of each family: to Node an IPv4 address is in networks around ::ffff:0:0/96 as well. */
function listOf(networks: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    const family = familyOf(address)
    lists[family].addSubnet(address, Number(prefix), family)
  }
  return (address) => lists[familyOf(address)].check(address, familyOf(address))
}

const LONGEST_URL = 2_000
const isSpecial = listOf(SPECIAL)
const isLoopback = listOf(['127.0.0.0/8', '::1/128'])

export interface AddressRules {
  /** Private networks that were named, such as `10.1.0.0/16`. */
  networks: readonly string[]
  /** This machine itself, where who runs startlist said so. */
  mayBeLocal: boolean
}

/** Whether a webhook may be at an IP address. */
export function isAllowedAddress(address: string, { networks, mayBeLocal }: AddressRules): boolean {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  if (!isSpecial(plain)) return true
  if (mayBeLocal && isLoopback(plain)) return true
  return listOf(networks)(plain)
}

const refused = () =>
  new StartlistError('ADDRESS_REFUSED', 'the webhook is at an address of a private network')

/** @throws StartlistError ADDRESS_REFUSED for a host that is such an address; a name is judged by {@link guardedLookup} */
export function assertAllowedHost(host: string, rules: AddressRules): void {
  if (isIP(host) !== 0 && !isAllowedAddress(host, rules)) throw refused()
}

/**
 * Whether a webhook may be added with this address. What its name leads to is judged when something is sent.
 * @throws StartlistError ADDRESS_REFUSED
 */
export function assertWebhookUrl(text: string, rules: AddressRules): void {
  const url = URL.parse(text)
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const isHere = host === 'localhost' || (isIP(host) !== 0 && isLoopback(host))
  const isTold = url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere && rules.mayBeLocal)
  if (url === null || !isTold || url.username !== '' || url.password !== '' || text.length > LONGEST_URL)
    throw new StartlistError('ADDRESS_REFUSED', 'this is no address that a webhook can have')
  assertAllowedHost(host, rules)
}

/**
 * Finds a host's addresses, and refuses it when one of them is not allowed. The connection goes to what was found
 * here: a name that points elsewhere a moment later gains nothing.
 */
export function guardedLookup(rules: AddressRules, resolve: typeof lookup = lookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      if (found.length === 0 || found.some(({ address }) => !isAllowedAddress(address, rules)))
        return callback(refused(), '', 0)
      if (options.all) return callback(null, found)
      callback(null, found[0]!.address, found[0]!.family)
    })
  }
}
