import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readAll } from 'node:stream/consumers'

/** A provider that repeats all it was told, as error pages do. */
export async function startEcho(): Promise<{ url: string; heard: () => string; stop(): Promise<void> }> {
  let heard = ''
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const said = JSON.stringify({
        error: 'bad',
        url: request.url,
        headers: request.headers,
        body,
        error_description: body,
      })
      heard += said
      response.writeHead(400, { 'content-type': 'application/json' }).end(said)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    heard: () => heard,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
