import { Agent, get } from 'node:http'

const receive = (options: { port: number; path: string; agent?: Agent }): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', timeout: 20_000, ...options }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve(bytes))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer on port ${options.port}`)))
    request.on('error', reject)
  })

/** Waits for the server, which takes a moment to start. */
async function ready(port: number) {
  for (let tries = 100; tries > 0; tries--) {
    try {
      return await receive({ port, path: '/' })
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error(`nobody answers on port ${port}`)
}

/** MB a second of one large answer. */
export async function fetchBytes(port: number, bytes: number): Promise<number> {
  await ready(port)
  const start = process.hrtime.bigint()
  const got = await receive({ port, path: `/bytes/${bytes}` })
  return got / (Number(process.hrtime.bigint() - start) / 1e9) / 1e6
}

/** Requests a second over connections that are kept, 16 at a time. */
export async function requestRate(port: number, count: number): Promise<number> {
  await ready(port)
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const start = process.hrtime.bigint()
  let left = count
  const client = async () => {
    while (left-- > 0) await receive({ port, path: '/', agent })
  }
  await Promise.all(Array.from({ length: 16 }, client))
  const took = Number(process.hrtime.bigint() - start) / 1e9
  agent.destroy()
  return count / took
}
