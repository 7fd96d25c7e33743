declare module 'unbzip2-stream' {
  /** A stream of the old kind: `write` returns when the chunk is taken, and what it gives is told by events. */
  export default function unbzip2(): import('node:events').EventEmitter & {
    write(chunk: Uint8Array): boolean
    end(): void
    destroy(): void
  }
}
