const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)

/** Whether a secret may travel to this address: https, or this machine itself. */
export function isSafeAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}

/** What an address has to be. */
export const SAFE_ADDRESS = 'an https:// address (http:// only for this machine itself)'
