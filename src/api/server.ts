import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { StartlistError } from '../domain/errors.ts'

export interface ApiServer {
  /** The port that was given, or with 0 the one that was free. */
  port: number
  /** For a browser of this machine. */
  address: string
  /** Ends connections at once: whoever watches asks again. */
  close(): Promise<void>
}

/**
 * Serves an app on one address.
 * @throws StartlistError PORT_TAKEN, CONFIG_INVALID for an address that is not this machine's
 */
export async function listen(app: Hono, { host, port }: { host: string; port: number }): Promise<ApiServer> {
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(asListenError(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { port: given } = server.address() as AddressInfo
  return {
    port: given,
    address: addressOf(host, given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

/** Where everything is listened to, this machine is a part of it. */
function addressOf(host: string, port: number): string {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function asListenError(error: NodeJS.ErrnoException, host: string, port: number): StartlistError {
  const where = `${host}:${port}`
  if (error.code === 'EADDRINUSE')
    return new StartlistError('PORT_TAKEN', `another program listens on ${where}`, { cause: error })
  return new StartlistError('CONFIG_INVALID', `startlist cannot listen on ${where} (${error.code})`, {
    cause: error,
    hint: 'Give an address of this machine with --host and a port that you may use with --port.',
  })
}
