import type { Transform } from 'node:stream'
import type { Kernel } from '../../kernel'
import { CorruptInput, openNativeCodec, type Sink } from './native'
import { damaged } from './tar-header'

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2'

const MAGIC: [Compression, number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
]

/** What the first bytes of a file say. */
export const detectCompression = (head: Buffer): Compression =>
  MAGIC.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0] ?? 'none'

export interface Decompressor {
  /** Takes a chunk, which may be reused once the promise is settled; what it becomes went to the sink by then. */
  push(chunk: Buffer): Promise<void> | void
  finish(): Promise<void> | void
  close(): void
}

/**
 * Through one of Node's streams, whose work runs on another thread: what it hands out is dealt with while it is busy
 * with the next piece.
 */
const throughStream = (stream: Transform, sink: Sink): Decompressor => {
  const waiting: Buffer[] = []
  let failure: unknown
  const drain = () => {
    try {
      for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) if (!failure) sink(chunk)
    } catch (error) {
      failure = error
    }
  }
  const ended = new Promise<void>((resolve) => {
    stream.on('end', resolve)
    stream.on('error', (error) => {
      failure ??= new CorruptInput(error.message)
      resolve()
    })
  })
  stream.on('data', (chunk: Buffer) => {
    if (waiting.push(chunk) === 1) process.nextTick(drain)
  })
  const settle = () => {
    drain()
    if (failure) throw failure
  }
  return {
    push: async (chunk) => {
      settle()
      await Promise.race([new Promise((resolve) => stream.write(chunk, resolve)), ended])
      settle()
    },
    finish: async () => {
      stream.end()
      await ended
      settle()
    },
    close: () => stream.destroy(),
  }
}

const OUTPUT = 128 << 10

// Rarely needed, so loaded late; the bundle's code knows no other way to do that with a module of Node's own.
const zlib = () => require('node:zlib') as typeof import('node:zlib')

const openGzip = (sink: Sink): Decompressor => {
  const { createGunzip } = zlib()
  return throughStream(createGunzip({ chunkSize: OUTPUT }), sink)
}

const openSlowZstd = async (sink: Sink): Promise<Decompressor> => {
  // Node has it from 22.15 on, which its types of Node 20 do not know.
  const { createZstdDecompress } = zlib() as { createZstdDecompress?: (options: object) => Transform }
  if (createZstdDecompress) return throughStream(createZstdDecompress({ chunkSize: OUTPUT }), sink)
  const { Decompress } = await import('fzstd')
  let last = false
  const stream = new Decompress((chunk, final) => {
    last = final ?? false
    if (chunk.length) sink(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  })
  return {
    push: (chunk) => stream.push(Buffer.from(chunk)),
    finish: () => {
      stream.push(new Uint8Array(0), true)
      if (!last) throw new CorruptInput('zstd: ends in the middle')
    },
    close: () => {},
  }
}

const openSlowXz = async (sink: Sink): Promise<Decompressor> => {
  const { XzReadableStream } = await import('xz-decompress')
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  let failure: unknown
  const read = async () => {
    const reader = new XzReadableStream(readable).getReader()
    for (let step = await reader.read(); !step.done; step = await reader.read()) sink(Buffer.from(step.value))
  }
  const reading = read().catch((error: unknown) => {
    failure = error
    writer.abort(error).catch(() => {})
  })
  const write = async (act: () => Promise<void>) => {
    await act().catch(() => {})
    if (failure) throw failure
  }
  return {
    push: (chunk) => write(() => writer.write(Buffer.from(chunk))),
    finish: async () => {
      await write(() => writer.close())
      await reading
      if (failure) throw failure
    },
    close: () => void writer.abort().catch(() => {}),
  }
}

const openSlowBzip2 = async (sink: Sink): Promise<Decompressor> => {
  const { default: unbzip2 } = await import('unbzip2-stream')
  const stream = unbzip2()
  let failure: unknown
  stream.on('data', sink)
  const ended = new Promise<void>((resolve) => {
    stream.on('end', resolve)
    stream.on('error', (error: unknown) => {
      failure ??= error
      resolve()
    })
  })
  return {
    push: (chunk) => {
      if (!failure) stream.write(Buffer.from(chunk))
      if (failure) throw failure
    },
    finish: async () => {
      if (!failure) stream.end()
      await ended
      if (failure) throw failure
    },
    close: () => stream.destroy(),
  }
}

const SLOW = { zstd: openSlowZstd, xz: openSlowXz, bzip2: openSlowBzip2 } as const

const openCodec = async (kernel: Kernel, kind: Compression, sink: Sink): Promise<Decompressor> => {
  if (kind === 'none') return { push: sink, finish: () => {}, close: () => {} }
  if (kind === 'gzip') return openGzip(sink)
  return openNativeCodec(kernel, kind, sink) ?? SLOW[kind](sink)
}

/** Errors of the sink pass as they are; those of the data become one that names the compression. */
const explain = (kind: Compression, error: unknown, sinkFailed: boolean): unknown =>
  sinkFailed ? error : damaged(`its ${kind} data is garbled or cut short`)

/** Decompresses `kind` into `sink`, whose chunks are valid during its call alone. */
export const openDecompressor = async (
  kernel: Kernel,
  kind: Compression,
  sink: Sink,
): Promise<Decompressor> => {
  let sinkFailed = false
  const codec = await openCodec(kernel, kind, (chunk) => {
    try {
      sink(chunk)
    } catch (error) {
      sinkFailed = true
      throw error
    }
  })
  const explaining = async (act: () => Promise<void> | void) => {
    try {
      await act()
    } catch (error) {
      throw explain(kind, error, sinkFailed)
    }
  }
  return {
    push: (chunk) => explaining(() => codec.push(chunk)),
    finish: () => explaining(() => codec.finish()),
    close: () => codec.close(),
  }
}
