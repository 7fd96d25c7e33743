import { checked, type Kernel } from '../../kernel'
import { Header, RECORD_BYTES } from './interpreter'

/** What a program says before it becomes the command. The socket's end of file means that it has. */
export type StatusMessage =
  | { kind: 'started'; pid: number }
  | { kind: 'terminal'; fd: number }
  | { kind: 'failed'; errno: number; record: number }

/** First word of each message; a failure has its errno there, which is never this large. */
export const StatusWord = { started: 0x10000, terminal: 0x20000 } as const

const MSG_CMSG_CLOEXEC = 0x40000000
/** Four words: a failure is the first four of the program's header. */
export const MESSAGE_BYTES = 32
/** cmsghdr (16) and one descriptor, padded to 8. */
const CONTROL_BYTES = 24

export interface StatusSocket {
  ours: number
  /** The end that the program inherits; the caller closes it. */
  theirs: number
  /** The next message; undefined at the end. */
  receive(): Promise<StatusMessage | undefined>
  /** The same, waiting on the main thread: for programs that answer at once. */
  receiveNow(): StatusMessage | undefined
  /** Lets a program go on that reads from its end. */
  go(): void
  close(): void
}

/**
 * struct msghdr of sendmsg(2) and recvmsg(2) with its iovec, message and control data in one piece of memory, whose
 * address is `base`. Source: include/linux/socket.h, 64 bits.
 */
export const MessageLayout = { header: 0, vector: 56, data: 72, control: 104, bytes: 128 } as const

export const writeMessageHeader = (memory: Buffer, base: bigint): void => {
  memory.writeBigUInt64LE(base + BigInt(MessageLayout.data), MessageLayout.vector)
  memory.writeBigUInt64LE(BigInt(MESSAGE_BYTES), MessageLayout.vector + 8)
  memory.writeBigUInt64LE(base + BigInt(MessageLayout.vector), 16)
  memory.writeBigUInt64LE(1n, 24)
  memory.writeBigUInt64LE(base + BigInt(MessageLayout.control), 32)
  memory.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40)
}

const decode = (memory: Buffer): StatusMessage => {
  const word = (index: number) => Number(memory.readBigUInt64LE(MessageLayout.data + index * 8))
  if (word(0) === StatusWord.started) return { kind: 'started', pid: word(1) }
  if (word(0) === StatusWord.terminal) {
    return { kind: 'terminal', fd: memory.readInt32LE(MessageLayout.control + 16) }
  }
  const record = (word(Header.failedRecord) - word(Header.firstRecord)) / RECORD_BYTES
  return { kind: 'failed', errno: word(Header.errno), record }
}

// Of a size that is never kept inside V8's heap, where it could be moved.
const newMessage = (kernel: Kernel): Buffer => {
  const memory = Buffer.alloc(4096)
  writeMessageHeader(memory, kernel.raw.address(memory))
  return memory
}

const received = (memory: Buffer, result: number): StatusMessage | undefined =>
  checked(result, 'recvmsg', 'status socket') < MESSAGE_BYTES ? undefined : decode(memory)

export const openStatusSocket = (kernel: Kernel): StatusSocket => {
  const { ours, theirs } = kernel.unixPair('seqpacket')
  return {
    ours,
    theirs,
    receive: async () => {
      const memory = newMessage(kernel)
      return received(memory, await kernel.raw.callAsync('recvmsg', ours, memory, MSG_CMSG_CLOEXEC))
    },
    receiveNow: () => {
      const memory = newMessage(kernel)
      return received(memory, kernel.raw.call('recvmsg', ours, memory, MSG_CMSG_CLOEXEC))
    },
    go: () => {
      checked(kernel.raw.call('write', ours, Buffer.alloc(8), 8), 'write', 'status socket')
    },
    close: () => kernel.close(ours),
  }
}
