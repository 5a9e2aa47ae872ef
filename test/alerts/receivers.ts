import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What a webhook received. */
export interface Posted {
  headers: IncomingHttpHeaders
  body: string
}

/** A webhook on loopback; `answers` are the statuses of its next answers, then 200. */
export async function startWebhook() {
  const posted: Posted[] = []
  const answers: number[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    posted.push({ headers: request.headers, body })
    response.writeHead(answers.shift() ?? 200).end()
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}/services/T1/hidden-path`,
    posted,
    answers,
    stop: () => stop(server),
  }
}

/** A mail server on loopback that takes everything. */
export async function startMailServer() {
  const mails: string[] = []
  const sockets = new Set<Socket>()
  const server = createTcp((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    converse(socket, (mail) => mails.push(mail))
  })
  const port = await listen(server)
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      return stop(server)
    },
  }
}

function converse(socket: Socket, take: (mail: string) => void): void {
  const say = (line: string) => socket.write(`${line}\r\n`)
  let mail: string[] | null = null
  say('220 loopback')
  createInterface({ input: socket }).on('line', (line) => {
    if (mail !== null) {
      if (line !== '.') return void mail.push(line)
      take(mail.join('\n'))
      mail = null
      return void say('250 taken')
    }
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'DATA') {
      mail = []
      say('354 go on')
    } else if (verb === 'QUIT') socket.end('221 bye\r\n')
    else say('250 fine')
  })
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
