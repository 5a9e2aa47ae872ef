import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'

/** Private networks that webhooks may go to, beside the internet. */
export const networksVariable = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
  .refine((networks) => networks.every(isNetwork), {
    error: 'networks such as 10.1.0.0/16 with commas between them',
  })

function isNetwork(text: string): boolean {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  return Number(prefix) <= longest
}
