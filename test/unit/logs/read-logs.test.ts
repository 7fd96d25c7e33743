import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReadLogsOptions, readLogs } from '../../../src/runtime/logs/read-logs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (second: number, nanoseconds = 0): string =>
  `2024-01-01T00:00:${String(second).padStart(2, '0')}.${String(nanoseconds).padStart(9, '0')}Z`

const record = (time: string, message: string, tag = 'F', stream = 'stdout'): string =>
  `${time} ${stream} ${tag} ${message}\n`

const file = (name: string, ...records: string[]): string => {
  const path = join(folder, name)
  writeFileSync(path, records.join(''))
  return path
}

const read = async (paths: string[], options: ReadLogsOptions = {}): Promise<string[]> => {
  const lines: string[] = []
  await readLogs(
    paths.map((path) => ({ path })),
    options,
    (index, { message, stream, partial }) =>
      lines.push(`${index}${stream === 'stderr' ? '!' : ''}${partial ? '…' : ''}${message}`),
  )
  return lines
}

describe('reading logs', () => {
  it('reads streams, partial records and messages with spaces', async () => {
    const path = file(
      'a',
      record(at(1), 'hello  world '),
      record(at(2), 'err', 'F', 'stderr'),
      record(at(3), 'half', 'P'),
      record(at(3), ''),
    )
    expect(await read([path])).toEqual(['0hello  world ', '0!err', '0…half', '0'])
  })

  it('leaves out what is no record, and waits for the end of the last one', async () => {
    const path = file(
      'a',
      'garbage\n',
      record(at(1), 'one'),
      '2024-01-01T00:00\n',
      '\n',
      `${at(2)} stdout F tw`,
    )
    expect(await read([path])).toEqual(['0one'])
  })

  it('keeps bytes that are no UTF-8', async () => {
    const path = join(folder, 'a')
    writeFileSync(path, Buffer.concat([Buffer.from(`${at(1)} stdout F `), Buffer.from([0xff, 0xfe, 10])]))
    const seen: string[] = []
    await readLogs([{ path }], {}, (_index, { message }) => seen.push(message.toString('hex')))
    expect(seen).toEqual(['fffe'])
  })

  it('merges several by time, offsets seen to', async () => {
    const one = file('a', record(at(1), 'a1'), record(at(3), 'a3'), record(at(2), 'a2 late'))
    const two = file('b', record(at(1, 5), 'b1'), record('2024-01-01T02:00:02.000000000+02:00', 'b2'))
    expect(await read([one, two])).toEqual(['0a1', '1b1', '1b2', '0a3', '0a2 late'])
  })

  it('filters by time, neither end included', async () => {
    const path = file('a', ...[1, 2, 3, 4].map((second) => record(at(second), `${second}`)))
    expect(await read([path], { since: new Date(at(1)), until: new Date(at(4)) })).toEqual(['02', '03'])
    expect(await read([path], { since: new Date(at(60 - 1)) })).toEqual([])
  })

  it('takes a file that is not there for an empty one', async () => {
    expect(await read([join(folder, 'none')])).toEqual([])
  })

  it('reads lines longer than its buffer', async () => {
    const long = 'x'.repeat(1_000_000)
    const path = file('a', record(at(1), long), record(at(2), 'end'))
    expect(await read([path])).toEqual([`0${long}`, '0end'])
  })
})

describe('--tail', () => {
  it('counts lines, and takes the parts of a line with it', async () => {
    const path = file(
      'a',
      record(at(1), 'one'),
      record(at(2), 'tw', 'P'),
      record(at(2), 'o'),
      record(at(3), 'three'),
    )
    expect(await read([path], { tail: 0 })).toEqual([])
    expect(await read([path], { tail: 1 })).toEqual(['0three'])
    expect(await read([path], { tail: 2 })).toEqual(['0…tw', '0o', '0three'])
    expect(await read([path], { tail: 3 })).toEqual(['0one', '0…tw', '0o', '0three'])
    expect(await read([path], { tail: 99 })).toHaveLength(4)
    expect(await read([path], { tail: -1 })).toHaveLength(4)
  })

  it('counts a part at the very end as a line', async () => {
    const path = file('a', record(at(1), 'one'), record(at(2), 'tw', 'P'), record(at(2), 'o', 'P'))
    expect(await read([path], { tail: 1 })).toEqual(['0…tw', '0…o'])
  })

  it('finds the place over many blocks, whatever the length of lines', async () => {
    for (const length of [0, 1, 700, 9000, 70_000]) {
      const count = length > 1000 ? 40 : 3000
      const messages = Array.from({ length: count }, (_, index) => `${index}:${'y'.repeat(length)}`)
      const path = file('a', ...messages.map((message) => record(at(1), message)))
      for (const tail of [1, 2, 17, count - 1, count]) {
        expect(await read([path], { tail })).toEqual(messages.slice(-tail).map((message) => `0${message}`))
      }
    }
  })
})

describe('--follow', () => {
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

  it('goes on until the container is down, and reads the rest then', async () => {
    const path = file('a', record(at(1), 'one'))
    const lines: string[] = []
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const reading = readLogs([{ path, ended }], { follow: true, tail: 0 }, (_index, { message }) =>
      lines.push(message.toString()),
    )
    await wait(20)
    appendFileSync(path, `${at(2)} stdout F tw`)
    await wait(50)
    expect(lines).toEqual([])
    appendFileSync(path, `o\n`)
    await wait(100)
    expect(lines).toEqual(['two'])
    appendFileSync(path, record(at(3), 'three'))
    end()
    await reading
    expect(lines).toEqual(['two', 'three'])
  })

  it('follows a log that is started anew, by another file or by being cut', async () => {
    const path = file('a', record(at(1), 'one'))
    const lines: string[] = []
    const abort = new AbortController()
    const reading = readLogs([{ path }], { follow: true, signal: abort.signal }, (_index, { message }) =>
      lines.push(message.toString()),
    )
    await wait(20)
    appendFileSync(path, record(at(2), 'two'))
    renameSync(file('tmp', record(at(3), 'three')), path)
    await wait(400)
    expect(lines).toEqual(['one', 'two', 'three'])
    truncateSync(path, 0)
    await wait(300)
    appendFileSync(path, record(at(4), 'four'))
    await wait(400)
    abort.abort()
    await reading
    expect(lines).toEqual(['one', 'two', 'three', 'four'])
  })

  it('ends when until has passed', async () => {
    const path = file('a')
    const until = new Date(Date.now() + 50)
    const started = Date.now()
    await readLogs([{ path }], { follow: true, until }, () => {})
    expect(Date.now() - started).toBeLessThan(2000)
  })
})
