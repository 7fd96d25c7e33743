/** Picks files of the host with all folders and links on the way to them, for an image that has them at the same paths. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { posix } from 'node:path'

export type HostEntry =
  | { type: 'directory'; mode: number }
  | { type: 'symlink'; target: string }
  | { type: 'file'; path: string; status: Stats }
  | { type: 'text'; text: string; mode: number }

const MAX_LINKS = 40

const statusOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

export class HostTree {
  /** By path without a leading slash. */
  readonly entries = new Map<string, HostEntry>()

  folder(path: string, mode = 0o755): void {
    const parts = path.split('/').filter(Boolean)
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('/')
      if (!this.entries.has(above)) this.entries.set(above, { type: 'directory', mode: 0o755 })
    }
    const own = parts.join('/')
    // A merged /usr: the host's link stands for the folder.
    if (this.entries.get(own)?.type !== 'symlink') this.entries.set(own, { type: 'directory', mode })
  }

  text(path: string, text: string, mode = 0o644): void {
    this.folder(posix.dirname(path))
    this.entries.set(path.slice(1), { type: 'text', text, mode })
  }

  link(path: string, target: string): void {
    this.folder(posix.dirname(path))
    this.entries.set(path.slice(1), { type: 'symlink', target })
  }

  has(path: string): boolean {
    return this.entries.has(path.replace(/^\/+/, ''))
  }

  /** Adds a file, folder or link of the host; the path that it really has, or undefined where it is missing. */
  add(path: string): string | undefined {
    const queue = path.split('/').filter(Boolean)
    let at = ''
    for (let links = 0; queue.length; ) {
      const name = queue.shift()
      if (name === undefined || name === '.') continue
      if (name === '..') {
        at = at.slice(0, Math.max(at.lastIndexOf('/'), 0))
        continue
      }
      const next = `${at}/${name}`
      const status = statusOf(next)
      if (!status) return undefined
      if (status.isSymbolicLink()) {
        if (++links > MAX_LINKS) return undefined
        const target = readlinkSync(next)
        this.entries.set(next.slice(1), { type: 'symlink', target })
        if (target.startsWith('/')) at = ''
        queue.unshift(...target.split('/').filter(Boolean))
        continue
      }
      if (status.isDirectory()) {
        if (!this.entries.has(next.slice(1)))
          this.entries.set(next.slice(1), { type: 'directory', mode: 0o755 })
      } else if (status.isFile()) this.entries.set(next.slice(1), { type: 'file', path: next, status })
      else return undefined
      at = next
    }
    return at
  }
}
