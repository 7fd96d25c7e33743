import { fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { createDetachScanner } from './detach-keys'

export interface InputTarget {
  /** False asks to wait until `drained` is called. */
  write(bytes: Uint8Array, drained: () => void): boolean
  end(): void
  /** The detach keys were typed; nothing is read any more. */
  detached(): void
}

export interface InputReader {
  close(): void
}

// Reading a terminal or a pipe must be possible to give up, so none of them is read on a thread of the pool.
const openInput = (fd: number): Readable => {
  const stats = fstatSync(fd)
  if (stats.isCharacterDevice() && (require('node:tty') as typeof import('node:tty')).isatty(fd)) {
    const { ReadStream } = require('node:tty') as typeof import('node:tty')
    return new ReadStream(fd)
  }
  if (stats.isFIFO() || stats.isSocket()) {
    const { Socket } = require('node:net') as typeof import('node:net')
    return new Socket({ fd, readable: true, writable: false })
  }
  const { createReadStream } = require('node:fs') as typeof import('node:fs')
  return createReadStream('', { fd, autoClose: false })
}

/** Reads standard input from `fd` until it ends, is closed, or the detach keys are typed. */
export const readInput = (fd: number, detachKeys: Uint8Array, target: InputTarget): InputReader => {
  const stream = openInput(fd)
  const scanner = createDetachScanner(detachKeys)
  let over = false
  const close = () => {
    over = true
    stream.destroy()
  }
  const end = () => {
    if (!over) target.end()
    over = true
  }
  stream.on('data', (chunk: Buffer) => {
    if (over) return
    const { forward, detached } = scanner.scan(chunk)
    if (forward.length > 0 && !target.write(forward, () => stream.resume())) stream.pause()
    if (!detached) return
    close()
    target.detached()
  })
  stream.on('end', end).on('error', end)
  return { close }
}
