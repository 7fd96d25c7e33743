import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process that has a socket open. */
export interface PortHolder {
  pid: number
  name: string
}

const TCP_LISTEN = '0A'

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Inodes of the sockets that hold a local port, from the text of /proc/net/tcp and its like. */
export const inodesOf = (table: string, port: number, protocol: 'tcp' | 'udp'): string[] => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && (protocol === 'udp' || state === TCP_LISTEN))
    .flatMap((fields) => fields[9] ?? [])
}

const opens = (pid: string, sockets: ReadonlySet<string>): boolean => {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`))
      } catch {
        return false
      }
    })
  } catch {
    // Another user's process, or one that has just ended.
    return false
  }
}

/** The process that holds a port of the host, where that can be seen. */
export const findHolder = (port: number, protocol: 'tcp' | 'udp'): PortHolder | undefined => {
  const tables = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`].map(readText)
  const sockets = new Set(
    tables.flatMap((table) => inodesOf(table, port, protocol)).map((inode) => `socket:[${inode}]`),
  )
  if (sockets.size === 0) return undefined
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && opens(entry, sockets))
  return pid ? { pid: Number(pid), name: readText(`/proc/${pid}/comm`).trim() } : undefined
}
