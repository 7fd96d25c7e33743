import { TspodError } from '../../errors'
import {
  type CallName,
  type Calls,
  type RequestMessage,
  type RequestOf,
  type ResponseOf,
  wireError,
} from '../messages'
import type { Connection } from './connection'
import type { Containers } from './containers'
import type { Execs } from './execs'
import type { Relays } from './relays'

export interface Supervised {
  containers: Containers
  execs: Execs
  relays: Relays
}

type Handlers = {
  [Name in CallName]: (
    request: RequestOf<Name>,
    connection: Connection,
  ) => ResponseOf<Name> | Promise<ResponseOf<Name>>
}

/** What each request does. */
export const createHandlers = ({ containers, execs, relays }: Supervised): Handlers => ({
  start: async ({ run, attach, settle }, connection) => ({
    process: await containers.start(run, { connection, attach, settle }),
  }),
  attach: ({ containerId, streams }, connection) => containers.attach(containerId, connection, streams),
  resize: ({ containerId, size }) => {
    containers.resize(containerId, size)
    return {}
  },
  wait: async ({ containerId, until }) => ({ exit: await containers.get(containerId).ended(until) }),
  stop: ({ containerId, signal, timeout, settle }, connection) =>
    containers.get(containerId).stop(signal, timeout, settle && connection),
  settled: ({ containerId }) => {
    containers.markSettled(containerId)
    return {}
  },
  exec: async (request, connection) => ({ process: await execs.start(request, connection) }),
  resizeExec: ({ execId, size }) => {
    execs.resize(execId, size)
    return {}
  },
  publish: async (request) => {
    await relays.publish(request)
    return {}
  },
  status: () => ({ containers: containers.list(), execs: execs.list(), relays: relays.size }),
})

const isRequest = (message: unknown, handlers: Handlers): message is RequestMessage => {
  if (typeof message !== 'object' || message === null) return false
  const { id, call, request } = message as Partial<RequestMessage>
  if (typeof id !== 'number' || typeof call !== 'string' || !Object.hasOwn(handlers, call)) return false
  return typeof request === 'object' && request !== null
}

type Handler = (request: object, connection: Connection) => Promise<Calls[CallName]['response']>

/** Carries out a request and answers it. Throws at a message that is none. */
export const answer = async (handlers: Handlers, message: unknown, connection: Connection): Promise<void> => {
  if (!isRequest(message, handlers)) throw new TspodError('damaged', 'monitor: no request of ours')
  const { id, call, request } = message
  try {
    connection.send({ id, response: await (handlers[call] as Handler)(request, connection) })
  } catch (error) {
    connection.send({ id, error: wireError(error) })
  }
}
