import { randomBytes } from 'node:crypto'

const BYTES = 32

/** A signing secret of Standard Webhooks. */
export const newSecret = (): string => `whsec_${randomBytes(BYTES).toString('base64')}`
