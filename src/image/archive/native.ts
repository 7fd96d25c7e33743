/**
 * Decompressors of the host's own shared libraries, called in place: as fast as their programs and without a process.
 * Every dpkg and rpm needs these libraries; where one is missing, slower JavaScript does the work.
 */
import type { Kernel } from '../../kernel'

/** Takes compressed bytes, hands on what they become; throws on damage. */
export interface Codec {
  push(chunk: Buffer): void
  /** All input was given: throws where the data is cut. */
  finish(): void
  close(): void
}

export type Sink = (chunk: Buffer) => void

const OUTPUT = 128 << 10
const RTLD_NOW = 2
const RTLD_GLOBAL = 0x100

/** Loads a shared library so that its functions are found by name; false where it is missing. */
const loadLibrary = (kernel: Kernel, names: readonly string[]): boolean => {
  const dlopen = kernel.raw.libc('uint64 dlopen(const char *name, int flags)')
  return names.some((name) => Number(dlopen(name, RTLD_NOW | RTLD_GLOBAL)) !== 0)
}

/** Address of a buffer's memory for the structures that point at it; the buffer must be kept meanwhile. */
type Address = (buffer: Buffer) => bigint

// strcpy-like functions return their argument, so this is a way to learn an address without a call of koffi's own.
const addresses = (kernel: Kernel): Address => {
  const identity = kernel.raw.libc('uint64 memcpy(void *to, const void *from, size_t length)')
  const nothing = Buffer.alloc(1)
  return (buffer) => BigInt(identity(buffer, nothing, 0))
}

export class CorruptInput extends Error {}

const openZstd = (kernel: Kernel, sink: Sink): Codec => {
  const { libc } = kernel.raw
  const address = addresses(kernel)
  const create = libc('void *ZSTD_createDStream()') as unknown as () => unknown
  const free = libc('size_t ZSTD_freeDStream(void *stream)')
  const decompress = libc('size_t ZSTD_decompressStream(void *stream, void *output, void *input)')
  const isError = libc('unsigned int ZSTD_isError(size_t code)')
  const stream = create()
  const target = Buffer.alloc(OUTPUT)
  // ZSTD_outBuffer and ZSTD_inBuffer: pointer, size, position.
  const output = Buffer.alloc(24)
  const input = Buffer.alloc(24)
  output.writeBigUInt64LE(address(target), 0)
  output.writeBigUInt64LE(BigInt(OUTPUT), 8)
  let pending = 0
  const push = (chunk: Buffer) => {
    input.writeBigUInt64LE(address(chunk), 0)
    input.writeBigUInt64LE(BigInt(chunk.length), 8)
    input.writeBigUInt64LE(0n, 16)
    let produced = OUTPUT
    while (Number(input.readBigUInt64LE(16)) < chunk.length || produced === OUTPUT) {
      output.writeBigUInt64LE(0n, 16)
      // Error codes lie at the end of size_t, where a number is not exact: koffi gives them as BigInt.
      const result = decompress(stream, output, input)
      if (isError(result)) throw new CorruptInput('zstd')
      pending = Number(result)
      produced = Number(output.readBigUInt64LE(16))
      if (produced) sink(target.subarray(0, produced))
    }
  }
  return {
    push,
    finish: () => {
      if (pending !== 0) throw new CorruptInput('zstd: ends in the middle')
    },
    close: () => void free(stream),
  }
}

// struct lzma_stream: next_in, avail_in, total_in, next_out, avail_out, total_out, and more.
const LZMA = { SIZE: 136, CONCATENATED: 8, RUN: 0, FINISH: 3, OK: 0, STREAM_END: 1, BUF_ERROR: 10 } as const

const openXz = (kernel: Kernel, sink: Sink): Codec => {
  const { libc } = kernel.raw
  const address = addresses(kernel)
  const decoder = libc('int lzma_stream_decoder(void *stream, uint64 memory, uint32 flags)')
  const code = libc('int lzma_code(void *stream, int action)')
  const end = libc('void lzma_end(void *stream)')
  const stream = Buffer.alloc(LZMA.SIZE)
  const target = Buffer.alloc(OUTPUT)
  if (decoder(stream, 0xffff_ffff_ffff_ffffn, LZMA.CONCATENATED) !== LZMA.OK) throw new CorruptInput('xz')
  let ended = false
  const run = (chunk: Buffer, action: number) => {
    stream.writeBigUInt64LE(address(chunk), 0)
    stream.writeBigUInt64LE(BigInt(chunk.length), 8)
    for (;;) {
      stream.writeBigUInt64LE(address(target), 24)
      stream.writeBigUInt64LE(BigInt(OUTPUT), 32)
      const result = code(stream, action)
      const left = Number(stream.readBigUInt64LE(32))
      if (left < OUTPUT) sink(target.subarray(0, OUTPUT - left))
      if (result === LZMA.STREAM_END) ended = true
      else if (result !== LZMA.OK && result !== LZMA.BUF_ERROR) throw new CorruptInput('xz')
      // No progress means that all input is used.
      if (result !== LZMA.OK || (left > 0 && stream.readBigUInt64LE(8) === 0n && action === LZMA.RUN)) return
    }
  }
  return {
    push: (chunk) => run(chunk, LZMA.RUN),
    finish: () => {
      run(Buffer.alloc(1).subarray(0, 0), LZMA.FINISH)
      if (!ended) throw new CorruptInput('xz: ends in the middle')
    },
    close: () => void end(stream),
  }
}

// struct bz_stream: next_in, avail_in, two totals, next_out, avail_out, and more.
const BZIP = { SIZE: 80, OK: 0, STREAM_END: 4 } as const

const openBzip2 = (kernel: Kernel, sink: Sink): Codec => {
  const { libc } = kernel.raw
  const address = addresses(kernel)
  const init = libc('int BZ2_bzDecompressInit(void *stream, int verbosity, int small)')
  const decompress = libc('int BZ2_bzDecompress(void *stream)')
  const end = libc('int BZ2_bzDecompressEnd(void *stream)')
  const stream = Buffer.alloc(BZIP.SIZE)
  const target = Buffer.alloc(OUTPUT)
  let open = false
  const step = (): number => {
    stream.writeBigUInt64LE(address(target), 24)
    stream.writeUInt32LE(OUTPUT, 32)
    const result = decompress(stream)
    const produced = OUTPUT - stream.readUInt32LE(32)
    if (produced) sink(target.subarray(0, produced))
    if (result === BZIP.STREAM_END) {
      end(stream)
      open = false
    } else if (result !== BZIP.OK) throw new CorruptInput('bzip2')
    return produced
  }
  const push = (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      // Parallel compressors write one stream after another.
      if (!open) {
        stream.fill(0)
        if (init(stream, 0, 0) !== BZIP.OK) throw new CorruptInput('bzip2')
        open = true
      }
      stream.writeBigUInt64LE(address(chunk) + BigInt(at), 0)
      stream.writeUInt32LE(chunk.length - at, 8)
      let produced = OUTPUT
      while (open && (stream.readUInt32LE(8) > 0 || produced === OUTPUT)) produced = step()
      at = chunk.length - stream.readUInt32LE(8)
    }
  }
  return {
    push,
    finish: () => {
      if (open) throw new CorruptInput('bzip2: ends in the middle')
    },
    close: () => {
      if (open) end(stream)
      open = false
    },
  }
}

const LIBRARIES = {
  zstd: { names: ['libzstd.so.1'], open: openZstd },
  xz: { names: ['liblzma.so.5'], open: openXz },
  bzip2: { names: ['libbz2.so.1.0', 'libbz2.so.1'], open: openBzip2 },
} as const

export const openNativeCodec = (
  kernel: Kernel,
  kind: keyof typeof LIBRARIES,
  sink: Sink,
): Codec | undefined => {
  const { names, open } = LIBRARIES[kind]
  return loadLibrary(kernel, names) ? open(kernel, sink) : undefined
}
