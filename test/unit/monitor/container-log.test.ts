import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLogs } from '../../../src/runtime/logs/read-logs'
import { ContainerLogs } from '../../../src/runtime/monitor/container-log'
import { LogBacklog } from '../../../src/runtime/monitor/log-backlog'

const TIME = { milliseconds: Date.UTC(2024, 0, 1), nanoseconds: 0 }

let folder: string
let path: string
let logs: ContainerLogs
let failures: unknown[]
let finished: () => void
let whole: Promise<void>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'container-log-'))
  path = join(folder, 'ctr.log')
  failures = []
  whole = new Promise((resolve) => {
    finished = resolve
  })
  logs = new ContainerLogs({
    clock: () => TIME,
    failed: (error) => failures.push(error),
    finished: () => finished(),
  })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (maxSize = 0) => logs.open({ driver: 'k8s-file', path, maxSize })
const backlog = () => `${path}.backlog`
const messages = () => readFileSync(path, 'latin1').replace(/^\S+ stdout F /gm, '')

/** Short lines, numbered so that a lost or doubled one shows. */
const chunk = (number: number, bytes = 64 << 10): Buffer => {
  const line = `${number % 10_000}\n`
  return Buffer.from(line.repeat(Math.floor(bytes / line.length)))
}
const flood = (log: ReturnType<typeof open>, chunks: number, from = 0): string => {
  const all = Array.from({ length: chunks }, (_, index) => chunk(from + index))
  for (const bytes of all) log.write('stdout', bytes, bytes.length)
  return Buffer.concat(all).toString()
}

describe('a log', () => {
  it('has each record at once', () => {
    const log = open()
    log.write('stdout', Buffer.from('one\ntwo\nunused'), 8)
    expect(messages()).toBe('one\ntwo\n')
    expect(statSync(path).mode & 0o777).toBe(0o640 & ~process.umask())
    log.close()
    expect(logs.isIdle).toBe(true)
  })

  it('that is opened again goes on', () => {
    const first = open()
    first.write('stdout', Buffer.from('one\n'), 4)
    first.close()
    const second = open()
    second.write('stdout', Buffer.from('two\n'), 4)
    second.close()
    expect(messages()).toBe('one\ntwo\n')
  })

  it('with a limit is started anew before the record that would pass it', () => {
    const log = open(120)
    for (const line of ['first\n', 'second\n', 'third\n', 'fourth\n']) {
      log.write('stdout', Buffer.from(line), line.length)
      expect(statSync(path).size).toBeLessThanOrEqual(120)
    }
    log.close()
    expect(messages()).toBe('third\nfourth\n')
    flood(open(10_000), 100)
    expect(existsSync(backlog())).toBe(false)
    expect(statSync(path).size).toBeLessThanOrEqual(10_000)
  })

  it('tells once of a disk that is full', () => {
    const log = logs.open({ driver: 'k8s-file', path: '/dev/full' })
    log.write('stdout', Buffer.from('one\n'), 4)
    log.write('stdout', Buffer.from('two\n'), 4)
    log.close()
    expect(failures).toHaveLength(1)
  })

  it('of no driver keeps nothing', () => {
    const log = logs.open({ driver: 'none', path })
    log.write('stdout', Buffer.from('one\n'), 4)
    log.close()
    expect(existsSync(path)).toBe(false)
  })
})

describe('a flood of short lines', () => {
  it('is written at once while it is small', () => {
    const log = open()
    const text = flood(log, 60)
    log.close()
    expect(messages() === text).toBe(true)
    expect(logs.isIdle).toBe(true)
  })

  it('waits beside the log, and is there in order when the log is whole', async () => {
    const log = open()
    const early = flood(log, 100)
    expect(existsSync(backlog())).toBe(true)
    log.write('stdout', Buffer.from('late\n'), 5)
    log.close()
    expect(logs.isIdle).toBe(false)
    await whole
    expect(messages() === `${early}late\n`).toBe(true)
    expect(existsSync(backlog())).toBe(false)
    expect(logs.isIdle).toBe(true)
    expect(failures).toEqual([])
  })

  it('becomes records while the container runs on quietly', async () => {
    const log = open()
    const early = flood(log, 100)
    while (existsSync(backlog())) await sleep(10)
    log.write('stdout', Buffer.from('late\n'), 5)
    expect(messages() === `${early}late\n`).toBe(true)
    log.close()
    expect(logs.isIdle).toBe(true)
  })

  it('goes on in the same file when the container is started again meanwhile', async () => {
    const first = open()
    const one = flood(first, 100)
    first.close()
    const second = open()
    const two = flood(second, 100, 100)
    second.close()
    await whole
    expect(messages() === one + two).toBe(true)
  })

  it('is given up with the log', async () => {
    const log = open()
    flood(log, 100)
    log.close()
    rmSync(folder, { recursive: true })
    await whole
    expect(existsSync(path)).toBe(false)
    expect(failures).toEqual([])
  })

  it('is waited for by a reader', async () => {
    const log = open()
    flood(log, 200)
    log.close()
    let lines = 0
    await readLogs([{ path }], {}, () => lines++)
    expect(lines).toBe(
      Array.from({ length: 200 }, (_, index) => chunk(index).filter((b) => b === 10).length).reduce(
        (a, b) => a + b,
      ),
    )
    await whole
  })
})

describe('a monitor that was killed', () => {
  const leave = (converted: string, behind: string, waiting: string[]) => {
    writeFileSync(path, converted)
    const left = LogBacklog.create(path)
    left.mark(converted.length)
    appendFileSync(path, behind)
    for (const text of waiting)
      left.add('2024-01-01T00:00:00.000000000Z', 'stdout', Buffer.from(text), text.length)
  }

  it('leaves a backlog that the next one takes over, half a batch in the log not doubled', async () => {
    leave('T stdout F before\n', 'T stdout F a\nT std', ['a\nb\n', 'c\n'])
    const log = open()
    log.write('stdout', Buffer.from('new\n'), 4)
    log.close()
    await whole
    expect(messages()).toBe('before\na\nb\nc\nnew\n')
    expect(existsSync(backlog())).toBe(false)
  })

  it('may have been killed within a batch', async () => {
    leave('T stdout F before\n', '', ['a\n', 'lost\n'])
    writeFileSync(backlog(), readFileSync(backlog()).subarray(0, -2))
    open().close()
    await whole
    expect(messages()).toBe('before\na\n')
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(300)],
    ['rubbish', Buffer.alloc(300, 0xee)],
  ])('or have left %s', async (_what, bytes) => {
    writeFileSync(path, 'T stdout F before\n')
    writeFileSync(backlog(), bytes)
    const log = open()
    log.write('stdout', Buffer.from('new\n'), 4)
    log.close()
    if (!logs.isIdle) await whole
    expect(messages()).toMatch(/before\n/)
    expect(existsSync(backlog())).toBe(false)
  })
})
