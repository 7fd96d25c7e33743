import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { withSocketPath } from './paths'

/** What `listen` comes to for a path, once it has loaded `cluster` and `child_process` to see that there is no cluster. */
type Direct = (path: string, port: -1, family: -1, backlog: number) => void

const BACKLOG = 511

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const direct = (server as Server & { _listen2?: Direct })._listen2
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    if (direct) direct.call(server, path, -1, -1, BACKLOG)
    else server.listen(path)
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
