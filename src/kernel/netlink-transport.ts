import { TspodError } from '../errors'
import { Errno, errnoName, errnoText } from './errno'
import { AF, type Answer, answers, errorOf, message, NLM_F, NLMSG, u32 } from './netlink-messages'
import { checked, type RawKernel } from './raw'

/** Families of netlink sockets. */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 } as const

const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const SOCK_RAW_CLOEXEC = 0x80003
// The kernel builds dumps in pieces of at most 32 KB.
const RECEIVE = 65536

/** Why the kernel refused, with its own words where it gave some. */
export interface Failure {
  errno: number
  detail?: string
}

/** A netlink socket that waits for its answers. It belongs to the network namespace in which it was opened. */
export interface Transport {
  /** Sends one request and waits for its acknowledgement; undefined, or why the kernel refused. */
  send(type: number, flags: number, payload: Buffer): Failure | undefined
  /** The same on a thread of the pool, for what takes the kernel long. Nothing else may be asked meanwhile. */
  sendAside(type: number, flags: number, payload: Buffer): Promise<Failure | undefined>
  dump(type: number, payload: Buffer): Answer[]
  /** Asks for one object; undefined where there is none. */
  get(type: number, payload: Buffer): Answer | undefined
  close(): void
}

/** On a socket of ours, or on `given`, which it then closes. */
export const openTransport = (raw: RawKernel, protocol: number, given?: number): Transport => {
  const fd = given ?? checked(raw.call('socket', AF.NETLINK, SOCK_RAW_CLOEXEC, protocol), 'socket', 'netlink')
  // Where the kernel is too old for one of these, answers are longer, barer or unfiltered.
  for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
    raw.call('setsockopt', fd, SOL_NETLINK, option, u32(1), 4)
  }
  const buffer = Buffer.alloc(RECEIVE)
  let sequence = 0
  const next = (type: number, flags: number, payload: Buffer) => {
    sequence += 1
    return message(type, flags | NLM_F.REQUEST, sequence, payload)
  }
  const post = (type: number, flags: number, payload: Buffer) => {
    const bytes = next(type, flags, payload)
    checked(raw.call('sendto', fd, bytes, bytes.length, 0, null, 0), 'sendto', 'netlink')
  }
  const receive = (): Answer[] => {
    let length = raw.call('recvfrom', fd, buffer, buffer.length, 0, null, null)
    while (length === -Errno.EINTR) length = raw.call('recvfrom', fd, buffer, buffer.length, 0, null, null)
    checked(length, 'recvfrom', 'netlink')
    return answers(buffer.subarray(0, length)).filter((answer) => answer.sequence === sequence)
  }
  const acknowledgement = (): Failure | undefined => {
    for (;;) {
      const answer = receive().find(({ type }) => type === NLMSG.ERROR)
      if (!answer) continue
      const failure = errorOf(answer)
      return failure.errno ? failure : undefined
    }
  }
  const send = (type: number, flags: number, payload: Buffer): Failure | undefined => {
    post(type, flags | NLM_F.ACK, payload)
    return acknowledgement()
  }
  // The kernel does the work while it takes the message.
  const sendAside = async (type: number, flags: number, payload: Buffer) => {
    const bytes = next(type, flags | NLM_F.ACK, payload)
    checked(await raw.callAsync('sendto', fd, bytes, bytes.length, 0, null, 0), 'sendto', 'netlink')
    return acknowledgement()
  }
  const get = (type: number, payload: Buffer): Answer | undefined => {
    post(type, 0, payload)
    for (;;) {
      const [answer] = receive()
      if (answer) return answer.type === NLMSG.ERROR ? undefined : answer
    }
  }
  const dumpOnce = (type: number, payload: Buffer): Answer[] | undefined => {
    post(type, NLM_F.DUMP, payload)
    const found: Answer[] = []
    let interrupted = false
    for (;;) {
      for (const answer of receive()) {
        interrupted ||= (answer.flags & NLM_F.DUMP_INTR) !== 0
        if (answer.type === NLMSG.DONE) return interrupted ? undefined : found
        if (answer.type === NLMSG.ERROR) throw failed('list', 'netlink objects', errorOf(answer))
        found.push({ ...answer, payload: Buffer.from(answer.payload) })
      }
    }
  }
  return {
    send,
    sendAside,
    get,
    dump: (type, payload) => {
      // A list that changed while it was read may lack entries: read it again.
      for (let attempt = 0; attempt < 10; attempt++) {
        const found = dumpOnce(type, payload)
        if (found) return found
      }
      throw failed('list', 'netlink objects', { errno: Errno.EINTR })
    },
    close: () => raw.call('close', fd),
  }
}

export const failed = (doing: string, object: string, { errno, detail }: Failure): TspodError =>
  new TspodError('system', `${doing} ${object}: ${errnoText(errno)}${detail ? ` (${detail})` : ''}`, {
    call: 'netlink',
    errno: errnoName(errno),
    object,
  })
