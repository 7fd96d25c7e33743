import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { withSocketPath } from './paths'

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** Takes connections at `path`, which only our own user can reach. A socket that a killed monitor left is replaced. */
export const serve = async (path: string, connected: (socket: Socket) => void): Promise<Server> => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  rmSync(path, { force: true })
  const server = createServer(connected)
  await withSocketPath(path, (short) => listen(server, short))
  chmodSync(path, 0o600)
  // Accepting fails where descriptors run out; the next connection tries again.
  server.on('error', () => {})
  return server
}
