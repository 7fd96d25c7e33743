import { describe, expect, it } from 'vitest'
import { TspodError } from '../../../src/errors'
import {
  createFrameDecoder,
  decodeProgram,
  encodeControl,
  errorFromWire,
  FrameType,
  frameHeader,
  MAX_CONTROL_BYTES,
  MAX_DATA_BYTES,
  wireError,
} from '../../../src/runtime/messages'

const decode = (chunks: Uint8Array[]): string[] => {
  const seen: string[] = []
  let data = ''
  const decoder = createFrameDecoder({
    control: (message) => seen.push(JSON.stringify(message)),
    data: (type, bytes) => {
      data += Buffer.from(bytes).toString()
      seen.push(`${type}`)
    },
    stdinEnd: () => seen.push('end'),
  })
  for (const chunk of chunks) decoder.push(chunk)
  return [...seen.filter((entry, index) => entry !== seen[index - 1]), data]
}

const data = (type: FrameType, text: string): Buffer =>
  Buffer.concat([frameHeader(type, Buffer.byteLength(text)), Buffer.from(text)])

const stream = Buffer.concat([
  encodeControl({ id: 1, call: 'status', request: {} }),
  data(FrameType.stdout, 'hello '),
  data(FrameType.stderr, 'world'),
  frameHeader(FrameType.stdin, 0),
  encodeControl({ id: 1, response: { text: 'ä\n' } }),
])
const expected = [
  '{"id":1,"call":"status","request":{}}',
  '2',
  '3',
  'end',
  '{"id":1,"response":{"text":"ä\\n"}}',
  'hello world',
]

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    expect(decode([stream])).toEqual(expected)
    expect(decode([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
    for (let cut = 1; cut < stream.length; cut++) {
      expect(decode([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(expected)
    }
  })

  it.each([
    ['an unknown type', Buffer.from([9, 1, 0, 0, 0])],
    ['too long a control frame', frameHeader(FrameType.control, MAX_CONTROL_BYTES + 1)],
    ['too long a data frame', frameHeader(FrameType.stdin, MAX_DATA_BYTES + 1)],
    ['a length beyond 31 bits', frameHeader(FrameType.stdout, 0xffffffff)],
    ['an empty control frame', frameHeader(FrameType.control, 0)],
    ['JSON that is none', data(FrameType.control, '{"a":')],
  ])('are refused: %s', (_what, bytes) => {
    expect(() => decode([bytes])).toThrow(TspodError)
  })

  it.each([
    ['an array', Uint8Array.of(0, 255, 10)],
    ['a buffer', Buffer.from([0, 255, 10])],
  ])('carry a program as bytes of %s', (_what, bytes) => {
    const launch = {
      program: bytes,
      notes: [],
      descriptors: [],
      terminal: false,
      command: 'x',
    }
    const request = { execId: 'e', containerId: 'c', launch, stdin: false }
    const [text] = decode([encodeControl({ id: 1, call: 'exec', request })])
    const { program } = JSON.parse(text!).request.launch
    expect([...decodeProgram(program)]).toEqual([0, 255, 10])
    expect(decodeProgram('/path')).toBe('/path')
  })
})

describe('errors', () => {
  it('keep code, message and context on the way', () => {
    const error = new TspodError('command-not-found', 'no such file', { call: 'execve', errno: 'ENOENT' })
    const arrived = errorFromWire(JSON.parse(JSON.stringify(wireError(error))))
    expect(arrived).toMatchObject({ code: 'command-not-found', message: 'no such file', exitCode: 127 })
    expect(arrived.context).toEqual(error.context)
  })

  it('that are bugs bring their stack', () => {
    expect(wireError(new TypeError('oops')).message).toMatch(/^monitor: TypeError: oops\n.*messages\.test/s)
    expect(wireError('text').message).toBe('monitor: text')
  })
})
