import { createSocket } from 'node:dgram'
import { get } from 'node:http'
import { createServer, type Server } from 'node:net'

/** The answer's body. `host` is an address, IPv6 without brackets. */
export function fetchText(host: string, port: number, path = '/'): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host, port, path, timeout: 3000, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString().trimEnd()))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer from ${host}:${port}`)))
    request.on('error', reject)
  })
}

/** Sends a datagram and gives the answer, or undefined after a second. */
export function askUdp(host: string, port: number, message: string): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const finish = (answer?: string) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(finish, 1000)
    socket.on('message', (answer) => finish(answer.toString()))
    socket.on('error', () => finish())
    socket.send(message, port, host)
  })
}

/** Occupies a TCP port of the host. */
export function occupy(port: number, host = '0.0.0.0'): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

/** A TCP port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = await occupy(0)
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
